package dev.quintet.tokenizers.token;

import java.util.Arrays;

/// The pieces that a model cuts a normalized text into: each ends where the next begins.
public final class Segments {

  private int[] ids = new int[32];
  private int[] ends = new int[32];
  private int size;

  /// Makes an empty list.
  public Segments() {}

  /// Adds a piece.
  ///
  /// @param id its id
  /// @param end where it ends in the normalized text's bytes
  public void add(int id, int end) {
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, 2 * size);
      ends = Arrays.copyOf(ends, 2 * size);
    }
    ids[size] = id;
    ends[size++] = end;
  }

  /// Turns the order around; for models that find the last piece first.
  public void reverse() {
    for (int i = 0, j = size - 1; i < j; i++, j--) {
      int id = ids[i];
      int end = ends[i];
      ids[i] = ids[j];
      ends[i] = ends[j];
      ids[j] = id;
      ends[j] = end;
    }
  }

  /// The number of pieces.
  ///
  /// @return the number of pieces
  public int size() {
    return size;
  }

  /// The id of a piece.
  ///
  /// @param i its index
  /// @return its id
  public int id(int i) {
    return ids[i];
  }

  /// Where a piece ends.
  ///
  /// @param i its index
  /// @return the index after its last byte
  public int end(int i) {
    return ends[i];
  }
}
