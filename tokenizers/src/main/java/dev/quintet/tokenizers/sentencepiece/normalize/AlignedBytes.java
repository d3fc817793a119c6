package dev.quintet.tokenizers.sentencepiece.normalize;

import java.util.Arrays;

/// Normalized UTF-8 with, for each byte, where it came from in the original, if that was asked for.
public final class AlignedBytes {

  private static final int[] NOT_TRACKED = {};

  private byte[] bytes;
  private int[] origins;
  private int size;
  private boolean valid = true;

  /// The spaces that were added last: where they begin and end.
  private int spacesStart;

  private int spacesEnd;

  AlignedBytes(int capacity, boolean tracked) {
    bytes = new byte[capacity];
    origins = tracked ? new int[capacity + 1] : NOT_TRACKED;
  }

  private boolean tracked() {
    return origins != NOT_TRACKED;
  }

  private void grow(int capacity) {
    bytes = Arrays.copyOf(bytes, capacity);
    if (tracked()) {
      origins = Arrays.copyOf(origins, capacity + 1);
    }
  }

  void add(byte value, int origin) {
    if (size == bytes.length) {
      grow(Math.max(64, Math.addExact(size, size)));
    }
    if (tracked()) {
      origins[size] = origin;
    }
    bytes[size++] = value;
  }

  /// Adds a stretch that stands for itself.
  void copy(byte[] text, int from, int to) {
    int length = to - from;
    if (length > bytes.length - size) {
      grow(Math.max(Math.addExact(size, length), Math.addExact(size, size)));
    }
    byte[] target = bytes;
    int at = size;
    for (int i = from; i < to; i++) {
      target[at++] = text[i];
    }
    if (tracked()) {
      for (int i = 0; i < length; i++) {
        origins[size + i] = from + i;
      }
    }
    size = at;
  }

  void cut(int length) {
    size = length;
    spacesStart = 0;
    spacesEnd = 0;
  }

  /// Says that what was added from a place on is a space.
  void spacesFrom(int start) {
    spacesStart = start == spacesEnd ? spacesStart : start;
    spacesEnd = size;
  }

  /// Takes away the spaces that were added last; U+2581 that stood in the text is none.
  ///
  /// @return where they came from, or `otherwise` if there are none or it is not known
  int cutSpaces(int otherwise) {
    if (spacesEnd != size || spacesStart == size) {
      return otherwise;
    }
    int origin = tracked() ? origins[spacesStart] : otherwise;
    cut(spacesStart);
    return origin;
  }

  /// Says that a rule gave what is not UTF-8.
  void broken() {
    valid = false;
  }

  /// Says where the original ends.
  void end(int origin) {
    if (tracked()) {
      origins[size] = origin;
    }
  }

  boolean endsWith(byte[] suffix) {
    return size >= suffix.length
        && Arrays.equals(bytes, size - suffix.length, size, suffix, 0, suffix.length);
  }

  /// The bytes; more may follow than [#size] says. Not copied: treat as read-only.
  ///
  /// @return the array
  public byte[] bytes() {
    return bytes;
  }

  /// How many bytes there are.
  ///
  /// @return the length
  public int size() {
    return size;
  }

  /// Whether this is known to be valid UTF-8, as it is unless the rules are odd.
  ///
  /// @return whether it is
  public boolean isValid() {
    return valid;
  }

  /// Where a byte came from; only for a text that was normalized with its origins.
  ///
  /// @param i its index; [#size] gives where the original ends
  /// @return the index in the original's UTF-8 of the first byte that gave it
  public int origin(int i) {
    return origins[i];
  }
}
