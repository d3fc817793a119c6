package dev.quintet.tokenizers.text;

import java.util.Arrays;

/// The pieces that a model cuts a normalized text into: each ends where the next begins.
public final class Segments {

  private int[] ids;
  private int[] ends;
  private int size;

  /// Makes an empty list.
  public Segments() {
    this(32);
  }

  /// Makes an empty list.
  ///
  /// @param expected how many pieces are expected
  public Segments(int expected) {
    ids = new int[Math.max(expected, 8)];
    ends = new int[Math.max(expected, 8)];
  }

  /// Makes room for pieces that will be [#set] in any order.
  ///
  /// @param count how many more
  /// @return the index of the first of them
  public int extend(int count) {
    int first = size;
    size = Math.addExact(size, count);
    if (size > ids.length) {
      ids = Arrays.copyOf(ids, Math.max(size, 2 * first));
      ends = Arrays.copyOf(ends, ids.length);
    }
    return first;
  }

  /// Changes a piece.
  ///
  /// @param i its index
  /// @param id its id
  /// @param end where it ends in the normalized text's bytes
  public void set(int i, int id, int end) {
    ids[i] = id;
    ends[i] = end;
  }

  /// Whether a piece is among them.
  ///
  /// @param id its id
  /// @return whether it is
  public boolean contains(int id) {
    for (int i = 0; i < size; i++) {
      if (ids[i] == id) {
        return true;
      }
    }
    return false;
  }

  /// All ids.
  ///
  /// @return a new array
  public int[] ids() {
    return Arrays.copyOf(ids, size);
  }

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
