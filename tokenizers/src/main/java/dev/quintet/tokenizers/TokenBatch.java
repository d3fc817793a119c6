package dev.quintet.tokenizers;

import java.util.Arrays;
import java.util.Objects;

/// The tokens of many texts as a rectangle of B rows and L columns, for a model. Each array holds the rows one after
/// the other, `[B, L]`, and is not copied: treat it as read-only.
///
/// @param rows B, the number of rows
/// @param length L, the number of tokens of each row, padding included
/// @param ids the token ids
/// @param mask 1 for a token and 0 for padding
/// @param types the tokens' types, by which BERT's relatives tell two texts apart
/// @param starts where each token begins in its text, in UTF-16 units; 0 for padding and special tokens
/// @param ends where each token ends
/// @param texts for each row the index of the text that it is of, `[B]`: rows that hold the rest of a text follow its
///     first one
public record TokenBatch(
    int rows,
    int length,
    int[] ids,
    int[] mask,
    int[] types,
    int[] starts,
    int[] ends,
    int[] texts) {

  /// Checks the sizes.
  ///
  /// @throws IllegalArgumentException when an array is not of the size of the rectangle
  public TokenBatch {
    long size = (long) rows * length;
    if (texts.length != rows
        || ids.length != size
        || mask.length != size
        || types.length != size
        || starts.length != size
        || ends.length != size) {
      throw new IllegalArgumentException(
          "TokenBatch: expected arrays of " + rows + " rows of " + length + " tokens");
    }
  }

  /// The ids of one row, padding included.
  ///
  /// @param row the row, 0 to `rows() - 1`
  /// @return a new array
  /// @throws IndexOutOfBoundsException when there is no such row
  public int[] row(int row) {
    Objects.checkIndex(row, rows);
    return Arrays.copyOfRange(ids, row * length, (row + 1) * length);
  }

  /// The number of a row's tokens without padding.
  ///
  /// @param row the row, 0 to `rows() - 1`
  /// @return the number
  /// @throws IndexOutOfBoundsException when there is no such row
  public int tokens(int row) {
    Objects.checkIndex(row, rows);
    return Arrays.stream(mask, row * length, (row + 1) * length).sum();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TokenBatch that
        && rows == that.rows
        && length == that.length
        && Arrays.equals(ids, that.ids)
        && Arrays.equals(mask, that.mask)
        && Arrays.equals(types, that.types)
        && Arrays.equals(starts, that.starts)
        && Arrays.equals(ends, that.ends)
        && Arrays.equals(texts, that.texts);
  }

  @Override
  public int hashCode() {
    return 31 * rows + Arrays.hashCode(ids);
  }

  @Override
  public String toString() {
    return "TokenBatch[" + rows + ", " + length + "]";
  }
}
