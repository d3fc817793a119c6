package dev.quintet.trainer.evaluate;

/// What a model answered.
///
/// @param text without special tokens
/// @param tokens of the answer, its end included
/// @param cutOff whether it ended at the limit of its length
/// @param score the mean log-probability of its tokens, by which answers of one question are compared; NaN where it was not
///     looked for
public record Reply(String text, int tokens, boolean cutOff, double score) {

  /// An answer of which nobody has asked how likely it is.
  public Reply(String text, int tokens, boolean cutOff) {
    this(text, tokens, cutOff, Double.NaN);
  }
}
