package dev.quintet.tokenizers.normalize;

import java.util.Arrays;

/// Normalized UTF-8 with, for each byte, where it came from in the original.
public final class AlignedBytes {

  private byte[] bytes;
  private int[] origins;
  private int size;

  AlignedBytes(int capacity) {
    bytes = new byte[capacity];
    origins = new int[capacity + 1];
  }

  void add(byte value, int origin) {
    if (size == bytes.length) {
      int capacity = Math.max(64, Math.addExact(size, size));
      bytes = Arrays.copyOf(bytes, capacity);
      origins = Arrays.copyOf(origins, capacity + 1);
    }
    origins[size] = origin;
    bytes[size++] = value;
  }

  void cut(int length) {
    size = length;
  }

  /// Says where the original ends.
  void end(int origin) {
    origins[size] = origin;
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

  /// Where a byte came from.
  ///
  /// @param i its index; [#size] gives where the original ends
  /// @return the index in the original's UTF-8 of the first byte that gave it
  public int origin(int i) {
    return origins[i];
  }
}
