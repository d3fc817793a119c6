package dev.quintet.tokenizers.sentencepiece.train;

/// The natural logarithm in float32 as glibc computes it on processors with fused multiply-add
/// (`logf`, by Arm's optimized routines: a table of 16 and a polynomial of degree 4, off by up to
/// 0.82 units in the last place). The scores of character and word models are made of it, and a
/// correctly rounded logarithm differs now and then.
public final class FloatLog {

  /// The inverse of the middle of each part of the range, and the middle's logarithm.
  private static final double[] TABLE = {
    0x1.661ec79f8f3bep+0, -0x1.57bf7808caadep-2,
    0x1.571ed4aaf883dp+0, -0x1.2bef0a7c06ddbp-2,
    0x1.49539f0f010bp+0, -0x1.01eae7f513a67p-2,
    0x1.3c995b0b80385p+0, -0x1.b31d8a68224e9p-3,
    0x1.30d190c8864a5p+0, -0x1.6574f0ac07758p-3,
    0x1.25e227b0b8eap+0, -0x1.1aa2bc79c81p-3,
    0x1.1bb4a4a1a343fp+0, -0x1.a4e76ce8c0e5ep-4,
    0x1.12358f08ae5bap+0, -0x1.1973c5a611cccp-4,
    0x1.0953f419900a7p+0, -0x1.252f438e10c1ep-5,
    0x1p+0, 0x0p+0,
    0x1.e608cfd9a47acp-1, 0x1.aa5aa5df25984p-5,
    0x1.ca4b31f026aap-1, 0x1.c5e53aa362eb4p-4,
    0x1.b2036576afce6p-1, 0x1.526e57720db08p-3,
    0x1.9c2d163a1aa2dp-1, 0x1.bc2860d22477p-3,
    0x1.886e6037841edp-1, 0x1.1058bc8a07ee1p-2,
    0x1.767dcf5534862p-1, 0x1.4043057b6ee09p-2,
  };

  private static final double LN_2 = 0x1.62e42fefa39efp-1;
  private static final double A0 = -0x1.00ea348b88334p-2;
  private static final double A1 = 0x1.5575b0be00b6ap-2;
  private static final double A2 = -0x1.ffffef20a4123p-2;

  private FloatLog() {}

  /// The logarithm.
  ///
  /// @param x 0, or a number of 1 or more
  /// @return its natural logarithm
  public static float log(float x) {
    int bits = Float.floatToRawIntBits(x);
    if (x == 0) {
      return Float.NEGATIVE_INFINITY;
    }
    if (x == 1) {
      return 0;
    }
    int offset = bits - 0x3F330000;
    int part = offset >> 19 & 15;
    int exponent = offset >> 23;
    double z = Float.intBitsToFloat(bits - (offset & 0xFF800000));
    double r = Math.fma(z, TABLE[2 * part], -1);
    double y0 = Math.fma(exponent, LN_2, TABLE[2 * part + 1]);
    double r2 = r * r;
    double y = Math.fma(A1, r, A2);
    y = Math.fma(A0, r2, y);
    return (float) Math.fma(y, r2, y0 + r);
  }
}
