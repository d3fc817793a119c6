package dev.quintet.core.backend;

import java.util.List;

/// How the next token of a row is chosen from its logits: some ids are forbidden; then the likeliest is taken, or one is
/// drawn from what a temperature and three bounds leave, in this order.
///
/// What stays is decided in float32, by sums in float64, as `models`' processors of these names do: so a device and the host
/// choose alike.
///
/// @param forbidden ids that are not chosen, each a token's
/// @param draws whether a token is drawn; else the first of the largest logits is taken, the first NaN if there is one
/// @param temperature divides the logits; above 0
/// @param topK only so many likeliest tokens, and what equals the last of them; 0 is all
/// @param topP only the likeliest tokens that together reach this probability: from the least likely on, of equal ones the
///     first id first, tokens go whose sum is at most 1 - topP; 1 is all. The likeliest stays
/// @param minP only tokens of at least this share of the likeliest's probability; 0 is all
public record Selection(
    List<Integer> forbidden, boolean draws, float temperature, int topK, double topP, float minP) {
  /// The likeliest token.
  public static final Selection LIKELIEST = new Selection(List.of(), false, 1, 0, 1, 0);

  /// Keeps a copy of the ids, and checks the numbers.
  ///
  /// @throws IllegalArgumentException if a number is out of its range
  public Selection {
    forbidden = List.copyOf(forbidden);
    if (!(temperature > 0) || topK < 0 || !(topP >= 0 && topP <= 1) || !(minP >= 0 && minP <= 1)) {
      throw new IllegalArgumentException(
          "a selection's temperature is above 0, top-k at least 0, top-p and min-p are from 0 to 1; came "
              + temperature
              + ", "
              + topK
              + ", "
              + topP
              + ", "
              + minP);
    }
  }

  /// This rule with these ids forbidden.
  public Selection withForbidden(List<Integer> ids) {
    return new Selection(ids, draws, temperature, topK, topP, minP);
  }

  /// This rule, drawing.
  public Selection withDraws() {
    return new Selection(forbidden, true, temperature, topK, topP, minP);
  }

  /// This rule with another temperature.
  public Selection withTemperature(float divisor) {
    return new Selection(forbidden, draws, divisor, topK, topP, minP);
  }

  /// This rule with so many likeliest tokens.
  public Selection withTopK(int k) {
    return new Selection(forbidden, draws, temperature, k, topP, minP);
  }

  /// This rule with the likeliest tokens of a probability.
  public Selection withTopP(double p) {
    return new Selection(forbidden, draws, temperature, topK, p, minP);
  }

  /// This rule with tokens of a share of the likeliest's probability.
  public Selection withMinP(float share) {
    return new Selection(forbidden, draws, temperature, topK, topP, share);
  }

  /// The token that is chosen of a row, if the likeliest is to be taken.
  ///
  /// @param scores logits; they are changed
  public int likeliest(float[] scores) {
    forbid(scores);
    return Distribution.likeliest(scores);
  }

  /// The token that is chosen of a row, if one is to be drawn; -1 where there is none to draw.
  ///
  /// @param scores logits; they are changed
  /// @param number from 0 to below 1
  public int drawn(float[] scores, Thinning thinning, double number) {
    forbid(scores);
    if (temperature != 1) {
      Thinning.temper(scores, temperature);
    }
    if (topK > 0) {
      thinning.best(scores, topK);
    }
    if (topP < 1) {
      thinning.mass(scores, topP, 1);
    }
    if (minP > 0) {
      thinning.share(scores, minP, 1);
    }
    return Thinning.draw(scores, number);
  }

  private void forbid(float[] scores) {
    for (int id : forbidden) {
      scores[id] = Float.NEGATIVE_INFINITY;
    }
  }
}
