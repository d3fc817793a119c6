package dev.quintet.core.shape;

/// How the numbers of a weight are stored; they are computed with in float32 all the same.
public enum Precision {
  /// IEEE 754 binary32.
  F32(32),
  /// The upper half of a binary32.
  BF16(16),
  /// Whole numbers from -127 to 127, and a float32 scale for each group of them.
  INT8(8);

  private final int bits;

  Precision(int bits) {
    this.bits = bits;
  }

  /// Bits of one number, without what it shares of a scale.
  public int bits() {
    return bits;
  }

  /// Bytes of one number, without what it shares of a scale.
  public int bytes() {
    return bits / 8;
  }
}
