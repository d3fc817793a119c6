package dev.quintet.core.cpu.lane;

/// The functions of [VectorMath] and [Activations] for one number, with the same bits.
///
/// Each is written as there, step by step, so that a kernel may take either form at any time: see `EarlyForms`. It
/// fuses multiplications and additions, as every processor with vectors of 256 bits can; `ScalarMath` is for the
/// others.
public final class EarlyMath {
  /// 1.5·2^23, as in [VectorMath].
  private static final float ROUND = 12582912f;

  private static final float LOG2_E = 1.44269504088896341f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;
  private static final float GELU = 1.5957691216057308f;
  private static final float GELU_CUBIC = 0.07135481627159236f;
  private static final float HALF_ROOT = 0.7071067811865476f;
  private static final float ROOT_TWO_PI = 0.3989422804014327f;
  private static final float SHIFT = 44.375f;
  private static final float SHIFTED_BACK = (float) StrictMath.exp(-44.375);

  private EarlyMath() {}

  /// [VectorMath#exp].
  public static float exp(float x) {
    if (x < -86.6f) {
      return 0;
    }
    if (x > 88.7228f) {
      return Float.POSITIVE_INFINITY;
    }
    float t = Math.fma(x, LOG2_E, ROUND);
    float n = t - ROUND;
    float r = Math.fma(n, -LN2_HIGH, x);
    r = Math.fma(n, -LN2_LOW, r);
    float p = Math.fma(r, 2 * 1.9875691500e-4f, 2 * 1.3981999507e-3f);
    p = Math.fma(p, r, 2 * 8.3334519073e-3f);
    p = Math.fma(p, r, 2 * 4.1665795894e-2f);
    p = Math.fma(p, r, 2 * 1.6666665459e-1f);
    p = Math.fma(p, r, 2 * 5.0000001201e-1f);
    p = Math.fma(p, r * r, r + r) + 2f;
    return p * Float.intBitsToFloat((Float.floatToRawIntBits(t) << 23) + (126 << 23));
  }

  /// [Activations#exp].
  public static float expToSubnormal(float x) {
    return x < -80f ? exp(x + SHIFT) * SHIFTED_BACK : exp(x);
  }

  /// [VectorMath#log].
  public static float log(float x) {
    if (Float.isNaN(x) || x == Float.POSITIVE_INFINITY) {
      return x;
    }
    if (x < Float.MIN_NORMAL) {
      return x < 0 ? Float.NaN : Float.NEGATIVE_INFINITY;
    }
    int bits = Float.floatToRawIntBits(x);
    int e = (bits - 0x3f3504f3) >> 23;
    float m = Float.intBitsToFloat(bits - (e << 23));
    float exponent = Float.intBitsToFloat(e + Float.floatToRawIntBits(ROUND)) - ROUND;
    float r = m - 1f;
    float z = r * r;
    float p = Math.fma(r, 7.0376836292e-2f, -1.1514610310e-1f);
    p = Math.fma(p, r, 1.1676998740e-1f);
    p = Math.fma(p, r, -1.2420140846e-1f);
    p = Math.fma(p, r, 1.4249322787e-1f);
    p = Math.fma(p, r, -1.6668057665e-1f);
    p = Math.fma(p, r, 2.0000714765e-1f);
    p = Math.fma(p, r, -2.4999993993e-1f);
    p = Math.fma(p, r, 3.3333331174e-1f);
    float y = p * r * z;
    y = Math.fma(exponent, LN2_LOW, y);
    y = Math.fma(z, -0.5f, y);
    return Math.fma(exponent, LN2_HIGH, r + y);
  }

  /// [VectorMath#tanh].
  public static float tanh(float x) {
    float a = Math.abs(x);
    if (a < 0.625f) {
      float z = x * x;
      float p = Math.fma(z, -5.70498872745e-3f, 2.06390887954e-2f);
      p = Math.fma(p, z, -5.37397155531e-2f);
      p = Math.fma(p, z, 1.33314422036e-1f);
      p = Math.fma(p, z, -3.33332819422e-1f);
      return Math.fma(p * z, x, x);
    }
    float far = 1f - 2f / (exp(a + a) + 1f);
    return x < 0 ? -far : far;
  }

  /// [VectorMath#erf].
  public static float erf(float x) {
    float a = Math.abs(x);
    if (a <= 1f) {
      return erfWithinOne(x);
    }
    float limited = a > 4f ? 4f : a;
    float far = 1f - exp(-(limited * limited)) * erfcOverExp(limited);
    return x < 0 ? -far : far;
  }

  private static float erfWithinOne(float x) {
    float z = x * x;
    float near = Math.fma(z, 7.853861353153693e-5f, -8.010193625184903e-4f);
    near = Math.fma(near, z, 5.188327685732524e-3f);
    near = Math.fma(near, z, -2.685381193529856e-2f);
    near = Math.fma(near, z, 1.128358514861418e-1f);
    near = Math.fma(near, z, -3.761262582423300e-1f);
    return Math.fma(near, z, 1.128379165726710f) * x;
  }

  private static float erfcOverExp(float a) {
    float q = 1f / a;
    float y = q * q;
    return (a >= 2f ? far(y) : middle(y)) * q;
  }

  private static float middle(float y) {
    float p = Math.fma(y, 2.326819970068386e-2f, -1.387039388740657e-1f);
    p = Math.fma(p, y, 3.687424674597105e-1f);
    p = Math.fma(p, y, -5.824733027278666e-1f);
    p = Math.fma(p, y, 6.210004621745983e-1f);
    p = Math.fma(p, y, -4.944515323274145e-1f);
    p = Math.fma(p, y, 3.404879937665872e-1f);
    p = Math.fma(p, y, -2.741127028184656e-1f);
    return Math.fma(p, y, 5.638259427386472e-1f);
  }

  private static float far(float y) {
    float p = Math.fma(y, -1.047766399936249e1f, 1.297719955372516e1f);
    p = Math.fma(p, y, -7.495518717768503f);
    p = Math.fma(p, y, 2.921019019210786f);
    p = Math.fma(p, y, -1.015265279202700f);
    p = Math.fma(p, y, 4.218463358204948e-1f);
    p = Math.fma(p, y, -2.820767439740514e-1f);
    return Math.fma(p, y, 5.641895067754075e-1f);
  }

  /// [Activations#sigmoid].
  public static float sigmoid(float x) {
    return 1f / (exp(-x) + 1f);
  }

  /// [Activations#geluTanhFactor].
  public static float geluTanhFactor(float x) {
    return sigmoid(Math.fma(x * x, GELU_CUBIC, GELU) * x);
  }

  /// [Activations#geluTanhRise].
  public static float geluTanhRise(float x) {
    return Math.fma(x * x, 3 * GELU_CUBIC, GELU) * x;
  }

  /// [Activations#geluErfFactor].
  public static float geluErfFactor(float x) {
    float t = x * HALF_ROOT;
    float a = Math.abs(t);
    if (a > 1f) {
      float tail = erfcOverExp(a) * 0.5f * expOfHalfSquare(x);
      return x < 0 ? tail : 1f - tail;
    }
    return Math.fma(erfWithinOne(t), 0.5f, 0.5f);
  }

  /// [Activations#geluErfSlope].
  public static float geluErfSlope(float x, float s) {
    return Math.fma(x, expOfHalfSquare(x) * ROOT_TWO_PI, s);
  }

  private static float expOfHalfSquare(float x) {
    float near = Math.abs(x) > 20f ? 20f : x;
    float square = near * near;
    float lost = Math.fma(near, near, -square);
    float e = exp(square * -0.5f);
    return e - e * lost * 0.5f;
  }

  /// The slope of x s(x), with `rise` x k' where s is sigmoid(k(x)).
  public static float slope(float rise, float s) {
    return Math.fma(rise * s, -s + 1f, s);
  }

  /// e / (1 + e)² with e = e^-|v|, as in [UnaryBackwardLoops].
  public static float bell(float v) {
    float e = exp(-Math.abs(v));
    float sum = e + 1f;
    return e / (sum * sum);
  }
}
