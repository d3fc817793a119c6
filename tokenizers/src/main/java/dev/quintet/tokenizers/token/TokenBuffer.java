package dev.quintet.tokenizers.token;

import java.util.Arrays;

/// A growing list of tokens with their places in the text. Not for use by several threads.
public final class TokenBuffer {

  private int[] ids;
  private int[] starts;
  private int[] ends;
  private int size;

  /// Makes an empty buffer.
  ///
  /// @param expected how many tokens are expected
  public TokenBuffer(int expected) {
    int capacity = Math.max(expected, 8);
    ids = new int[capacity];
    starts = new int[capacity];
    ends = new int[capacity];
  }

  /// Adds a token.
  ///
  /// @param id its id
  /// @param start where it begins in the text, in UTF-16 units
  /// @param end where it ends
  public void add(int id, int start, int end) {
    if (size == ids.length) {
      int capacity = Math.addExact(size, size);
      ids = Arrays.copyOf(ids, capacity);
      starts = Arrays.copyOf(starts, capacity);
      ends = Arrays.copyOf(ends, capacity);
    }
    ids[size] = id;
    starts[size] = start;
    ends[size++] = end;
  }

  /// The number of tokens.
  ///
  /// @return the number of tokens
  public int size() {
    return size;
  }

  /// The id of a token.
  ///
  /// @param i its index
  /// @return its id
  public int id(int i) {
    return ids[i];
  }

  /// Where a token begins.
  ///
  /// @param i its index
  /// @return the index of its first UTF-16 unit
  public int start(int i) {
    return starts[i];
  }

  /// Where a token ends.
  ///
  /// @param i its index
  /// @return the index after its last UTF-16 unit
  public int end(int i) {
    return ends[i];
  }

  /// Changes where a token stands.
  ///
  /// @param i its index
  /// @param start the index of its first UTF-16 unit
  /// @param end the index after its last UTF-16 unit
  public void move(int i, int start, int end) {
    starts[i] = start;
    ends[i] = end;
  }

  /// All ids.
  ///
  /// @return a new array
  public int[] ids() {
    return Arrays.copyOf(ids, size);
  }

  /// All begins.
  ///
  /// @return a new array
  public int[] starts() {
    return Arrays.copyOf(starts, size);
  }

  /// All ends.
  ///
  /// @return a new array
  public int[] ends() {
    return Arrays.copyOf(ends, size);
  }
}
