package dev.quintet.tokenizers.huggingface;

/// How sequences that are too short are padded.
///
/// @param length how many there are at least; 0 for as many as the longest of a batch has
/// @param multipleOf what the number of tokens is to be a multiple of, at least 1
/// @param left whether padding comes before the text
/// @param id the padding token
/// @param type the type of padding
public record Padding(int length, int multipleOf, boolean left, int id, int type) {

  /// Checks the numbers.
  ///
  /// @throws IllegalArgumentException when one is out of range
  public Padding {
    if (length < 0 || multipleOf < 1 || id < 0) {
      throw new IllegalArgumentException(
          "Padding: expected a length of at least 0, a multiple of at least 1 and an id of at least 0, got "
              + length
              + ", "
              + multipleOf
              + " and "
              + id);
    }
  }

  /// Padding after the text, to the longest of a batch.
  ///
  /// @param id the padding token
  /// @return the padding
  public static Padding toLongest(int id) {
    return new Padding(0, 1, false, id, 0);
  }

  /// The same to a fixed length; what is longer stays so.
  ///
  /// @param least how many tokens there are at least; 0 for as many as the longest of a batch has
  /// @return the padding
  public Padding withLength(int least) {
    return new Padding(least, multipleOf, left, id, type);
  }

  /// The same to a multiple.
  ///
  /// @param multiple what the number of tokens is to be a multiple of, at least 1
  /// @return the padding
  public Padding withMultipleOf(int multiple) {
    return new Padding(length, multiple, left, id, type);
  }

  /// The same on the other side.
  ///
  /// @param before whether padding comes before the text
  /// @return the padding
  public Padding withLeft(boolean before) {
    return new Padding(length, multipleOf, before, id, type);
  }

  /// How many tokens there are when the longest of a batch has `longest`.
  ///
  /// @param longest the longest's number of tokens
  /// @return the length that each shorter sequence is padded to
  /// @throws IllegalArgumentException when that passes 2^31 - 1
  public int wanted(int longest) {
    long least = length == 0 ? longest : length;
    long wanted = Math.ceilDiv(least, multipleOf) * multipleOf;
    if (wanted > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "Padding: " + least + " tokens up to a multiple of " + multipleOf + " pass 2147483647");
    }
    return (int) wanted;
  }
}
