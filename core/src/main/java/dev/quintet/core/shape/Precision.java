package dev.quintet.core.shape;

/// How the numbers of a weight are stored; they are computed with in float32 all the same.
public enum Precision {
  /// IEEE 754 binary32.
  F32(4),
  /// The upper half of a binary32.
  BF16(2),
  /// Whole numbers from -127 to 127, and a float32 scale for each group of them.
  INT8(1);

  private final int bytes;

  Precision(int bytes) {
    this.bytes = bytes;
  }

  /// Bytes of one number, without what it shares of a scale.
  public int bytes() {
    return bytes;
  }
}
