package dev.quintet.trainer.data;

/// The part of a source that may be cut, such as a context, so that what stands around it, such as a question, stays whole.
///
/// @param from its first character in the source
/// @param to the character behind its last
public record Passage(int from, int to) {

  /// Checks the order.
  ///
  /// @throws IllegalArgumentException if it ends before it begins
  public Passage {
    if (from < 0 || to < from) {
      throw new IllegalArgumentException(
          "a passage begins at 0 or later and ends behind its beginning, not %,d to %,d"
              .formatted(from, to));
    }
  }

  /// Its text.
  ///
  /// @param source the text that it is part of
  public String of(String source) {
    return source.substring(from, to);
  }
}
