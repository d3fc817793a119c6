package dev.quintet.tokenizers.huggingface;

/// How tokens are cut that are too many.
///
/// What is cut off may be kept as further windows, of which each begins with the last tokens of the one before it.
///
/// @param maxLength how many tokens there are at most, special tokens included
/// @param strategy which of two texts is cut
/// @param left whether the first tokens are cut off, and not the last
/// @param stride how many tokens of a window the next one has, too
public record Truncation(int maxLength, Strategy strategy, boolean left, int stride) {

  /// Which of two texts is cut; the names are those of Hugging Face's library.
  public enum Strategy {
    /// The longer one down to the length of the shorter one, then both alike.
    LONGEST_FIRST,
    /// The first, which must be long enough.
    ONLY_FIRST,
    /// The second, which must be there and long enough.
    ONLY_SECOND
  }

  /// Checks the numbers.
  ///
  /// @throws IllegalArgumentException when one is negative
  public Truncation {
    if (maxLength < 0 || stride < 0) {
      throw new IllegalArgumentException(
          "Truncation: expected a length and a stride of at least 0, got "
              + maxLength
              + " and "
              + stride);
    }
  }

  /// The usual way: the last tokens go, the longer text's first, and windows share none.
  ///
  /// @param maxLength how many tokens there are at most, special tokens included
  /// @return the truncation
  public static Truncation to(int maxLength) {
    return new Truncation(maxLength, Strategy.LONGEST_FIRST, false, 0);
  }

  /// The same with another strategy.
  ///
  /// @param which which of two texts is cut
  /// @return the truncation
  public Truncation withStrategy(Strategy which) {
    return new Truncation(maxLength, which, left, stride);
  }

  /// The same on the other side.
  ///
  /// @param first whether the first tokens are cut off, and not the last
  /// @return the truncation
  public Truncation withLeft(boolean first) {
    return new Truncation(maxLength, strategy, first, stride);
  }

  /// The same with another stride.
  ///
  /// @param shared how many tokens of a window the next one has, too; less than fit into one
  /// @return the truncation
  public Truncation withStride(int shared) {
    return new Truncation(maxLength, strategy, left, shared);
  }
}
