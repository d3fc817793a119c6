package dev.quintet.core.cpu;

/// Elementary functions in plain float32 arithmetic, with the same bits interpreted and compiled.
///
/// `Math.exp` and its like are replaced by the compiler with code that rounds differently; and a
/// fused multiply-add is not used, because a processor without one computes it a hundred times
/// slower. Coefficients are those of Moshier's Cephes library (netlib.org/cephes), as in the
/// Vector API's [VectorMath]. Loops over [#exp] and [#sigmoid] are vectorised by the compiler: they
/// have no branches.
final class ScalarMath {
  /// 1.5·2^23: added to a small float it leaves the nearest integer in the low bits.
  private static final float ROUND = 12582912f;

  private static final int ROUND_BITS = 0x4B400000;
  private static final float LOG2_E = 1.44269504088896341f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;

  private ScalarMath() {}

  /// e^x within 2 ulp, gradually down to 0 below -103 and up to infinity above 88.72; NaN for NaN.
  static float exp(float x) {
    float c = Math.min(Math.max(x, -104f), 89f);
    float t = c * LOG2_E + ROUND;
    float n = t - ROUND;
    float r = c - n * LN2_HIGH - n * LN2_LOW;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + r + 1f;
    // 2^n as a product of two, since n reaches from -150 to 128 and a float's exponent does not
    int whole = Float.floatToRawIntBits(t) - ROUND_BITS;
    int half = whole >> 1;
    return p
        * Float.intBitsToFloat((half + 127) << 23)
        * Float.intBitsToFloat((whole - half + 127) << 23);
  }

  /// The natural logarithm, correctly rounded but for rare cases.
  static float log(float x) {
    return (float) StrictMath.log(x);
  }

  /// x^p, correctly rounded but for rare cases.
  static float power(float x, float p) {
    return (float) StrictMath.pow(x, p);
  }

  /// 1 / (1 + e^-x).
  static float sigmoid(float x) {
    return 1f / (1f + exp(-x));
  }

  /// The hyperbolic tangent within 4 ulp.
  static float tanh(float x) {
    if (Math.abs(x) < 0.625f) {
      float z = x * x;
      float p = -5.70498872745e-3f;
      p = p * z + 2.06390887954e-2f;
      p = p * z - 5.37397155531e-2f;
      p = p * z + 1.33314422036e-1f;
      p = p * z - 3.33332819422e-1f;
      return p * z * x + x;
    }
    return 1f - 2f / (exp(x + x) + 1f);
  }

  /// The error function within 4 ulp.
  static float erf(float x) {
    float a = Math.abs(x);
    if (a <= 1) {
      float z = x * x;
      float p = 7.853861353153693e-5f;
      p = p * z - 8.010193625184903e-4f;
      p = p * z + 5.188327685732524e-3f;
      p = p * z - 2.685381193529856e-2f;
      p = p * z + 1.128358514861418e-1f;
      p = p * z - 3.761262582423300e-1f;
      p = p * z + 1.128379165726710f;
      return p * x;
    }
    a = Math.min(a, 4f); // erfc(4) is below half an ulp of 1
    float q = 1f / a;
    float tail = exp(-(a * a)) * q * (a < 2 ? middle(q * q) : far(q * q));
    return x < 0 ? tail - 1f : 1f - tail;
  }

  private static float middle(float y) {
    float p = 2.326819970068386e-2f;
    p = p * y - 1.387039388740657e-1f;
    p = p * y + 3.687424674597105e-1f;
    p = p * y - 5.824733027278666e-1f;
    p = p * y + 6.210004621745983e-1f;
    p = p * y - 4.944515323274145e-1f;
    p = p * y + 3.404879937665872e-1f;
    p = p * y - 2.741127028184656e-1f;
    return p * y + 5.638259427386472e-1f;
  }

  private static float far(float y) {
    float p = -1.047766399936249e1f;
    p = p * y + 1.297719955372516e1f;
    p = p * y - 7.495518717768503f;
    p = p * y + 2.921019019210786f;
    p = p * y - 1.015265279202700f;
    p = p * y + 4.218463358204948e-1f;
    p = p * y - 2.820767439740514e-1f;
    return p * y + 5.641895067754075e-1f;
  }
}
