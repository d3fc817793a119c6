package dev.quintet.trainer.objective;

import dev.quintet.core.random.Permutation;
import dev.quintet.core.random.Philox;
import dev.quintet.trainer.data.Example;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import java.util.random.RandomGenerator;

/// T5's span corruption: spans of tokens are replaced by sentinels, and the target is what they hid.
///
/// Every sequence starts with text and ends with a hidden span. The input is the text with each hidden span
/// replaced by a sentinel, S0, S1, ..., and the end token; the target is S0, the first span, S1, the
/// second span, ..., and the end token, without a closing sentinel. Lengths, rounding and the way spans are drawn are
/// those of `t5.data.preprocessors.random_spans_noise_mask`.
///
/// @param density share of tokens that are hidden, 0.15 in T5
/// @param meanSpan mean length of a span, 3 in T5
/// @param eos id of the end token
/// @param sentinel id of the i-th sentinel, from 0
/// @param sentinels how many there are, 100 in T5
public record SpanCorruption(
    double density, double meanSpan, int eos, IntUnaryOperator sentinel, int sentinels) {
  /// The density of the T5 paper.
  public static final double DENSITY = 0.15;

  /// The mean span of the T5 paper.
  public static final double MEAN_SPAN = 3;

  /// Checks the values.
  ///
  /// @throws IllegalArgumentException if the density is not between 0 and 1 or the mean span below 1
  public SpanCorruption {
    if (!(density > 0 && density < 1) || !(meanSpan >= 1 && meanSpan < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "span corruption hides a share between 0 and 1 in spans of at least 1 token: "
              + density
              + ", "
              + meanSpan);
    }
  }

  /// Corrupts a piece of text.
  ///
  /// @param tokens at least 2 tokens, without an end token
  /// @param random draws the spans
  /// @throws IllegalArgumentException if there are too few tokens, or more spans than sentinels
  public Example corrupt(int[] tokens, RandomGenerator random) {
    int n = tokens.length;
    if (n < 2) {
      throw new IllegalArgumentException("span corruption needs at least 2 tokens, not " + n);
    }
    SpanLengths lengths = SpanLengths.of(n, density, meanSpan);
    int noise = Math.clamp(lengths.noise(), 1, n - 1);
    // no more spans than hidden or shown tokens: each span has at least one of both
    int wanted = Math.max(1, (int) Math.rint(noise / meanSpan));
    int spans = Math.min(wanted, Math.min(noise, n - noise));
    if (spans > sentinels) {
      throw new IllegalArgumentException(
          n
              + " tokens make "
              + spans
              + " spans, but there are "
              + sentinels
              + " sentinels: use shorter sequences");
    }
    int[] hidden = segments(noise, spans, random);
    int[] shown = segments(n - noise, spans, random);
    int[] source = new int[n - noise + spans + 1];
    int[] target = new int[noise + spans + 1];
    int from = 0;
    int s = 0;
    int t = 0;
    for (int i = 0; i < spans; i++) {
      System.arraycopy(tokens, from, source, s, shown[i]);
      from += shown[i];
      s += shown[i];
      source[s++] = sentinel.applyAsInt(i);
      target[t++] = sentinel.applyAsInt(i);
      System.arraycopy(tokens, from, target, t, hidden[i]);
      from += hidden[i];
      t += hidden[i];
    }
    source[s] = eos;
    target[t] = eos;
    return new Example(source, target);
  }

  /// `items` cut into `parts` of at least one, every way equally likely.
  static int[] segments(int items, int parts, RandomGenerator random) {
    int[] starts = new int[items - 1];
    Arrays.fill(starts, 0, parts - 1, 1);
    Permutation.shuffle(starts, random);
    int[] lengths = new int[parts];
    int part = 0;
    lengths[0] = 1;
    for (int start : starts) {
      part += start;
      lengths[part]++;
    }
    return lengths;
  }

  /// The random numbers of one example: a function of the seed, the epoch and its number.
  static RandomGenerator random(long seed, long epoch, int index) {
    return Philox.of(seed, (epoch << 32) + index);
  }
}
