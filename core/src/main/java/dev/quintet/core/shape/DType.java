package dev.quintet.core.shape;

/// The element type of a tensor.
///
/// [#F32] is what is computed with; [#BF16] is a storage and matrix-operand type; [#I32] holds
/// token ids and indices; [#BOOL] holds comparisons, one byte each, 0 or 1.
public enum DType {
  /// IEEE 754 binary32.
  F32(4),
  /// The upper half of a binary32.
  BF16(2),
  /// Signed 32-bit integers.
  I32(4),
  /// Unsigned bytes.
  U8(1),
  /// One byte each: 0 for false, 1 for true.
  BOOL(1);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /// Bytes of one element.
  public int bytes() {
    return bytes;
  }

  /// Bytes of this many elements.
  ///
  /// @throws IllegalArgumentException if they pass 2^63
  public long bytes(long elements) {
    if (elements > Long.MAX_VALUE / bytes) {
      throw new IllegalArgumentException(
          elements + " elements of " + this + " take more than 2^63 bytes");
    }
    return elements * bytes;
  }
}
