package dev.quintet.trainer.objective;

/// How many tokens span corruption takes and makes (Raffel et al., arXiv 1910.10683, section 3.1.4;
/// `t5.data.preprocessors.random_spans_helper`).
///
/// For raw length T: noise = round(density T), spans = round(noise / mean), with halves rounded to even; input
/// T - noise + spans + 1 and target noise + spans + 1, an end token each.
///
/// @param raw T, tokens of text
/// @param noise tokens that are hidden
/// @param spans spans that they form
public record SpanLengths(int raw, int noise, int spans) {
  private static final int LONGEST = 1 << 28; // hiding nearly all in one span fits any length

  /// The lengths for a raw length, as the recipe rounds them.
  public static SpanLengths of(int raw, double density, double meanSpan) {
    int noise = (int) Math.rint(raw * density);
    return new SpanLengths(raw, noise, (int) Math.rint(noise / meanSpan));
  }

  /// The lengths with the largest raw length whose input fits into `inputs` tokens.
  ///
  /// @throws IllegalArgumentException if not even one token fits
  public static SpanLengths fitting(int inputs, double density, double meanSpan) {
    int raw = Math.max(1, inputs - 1);
    if (of(raw, density, meanSpan).input() > inputs) {
      throw new IllegalArgumentException(
          "span corruption: " + inputs + " input tokens are too few; allow at least 8");
    }
    while (raw < LONGEST && of(raw + 1, density, meanSpan).input() <= inputs) {
      raw++;
    }
    SpanLengths lengths = of(raw, density, meanSpan);
    // as t5 does: at one half, input and target are made equally long
    boolean tooLong = density == 0.5 && lengths.target() > inputs;
    return tooLong ? of(raw - 1, density, meanSpan) : lengths;
  }

  /// Tokens of the input, sentinels and end token included.
  public int input() {
    return raw - noise + spans + 1;
  }

  /// Tokens of the target, sentinels and end token included.
  public int target() {
    return noise + spans + 1;
  }
}
