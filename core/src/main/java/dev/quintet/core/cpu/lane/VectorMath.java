package dev.quintet.core.cpu.lane;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Elementary functions of vectors, with the same bits interpreted and compiled.
///
/// Coefficients are those of Moshier's Cephes library (`expf`, `logf`, `tanhf`, `erff`, netlib.org/cephes).
/// Integers and floats are converted by adding 1.5·2^23, because the conversion instructions are compiled with guards.
public final class VectorMath {
  /// 1.5·2^23: added to a small float it leaves the nearest integer in the low bits.
  private static final float ROUND = 12582912f;

  private static final float LOG2_E = 1.44269504088896341f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;

  // Vectors that are made once cost the compiler less than broadcasts in place: see Tails for why
  // that matters.
  private static final FloatVector LOG2_E_LANES = Lanes.all(LOG2_E);
  private static final FloatVector ROUND_LANES = Lanes.all(ROUND);
  private static final FloatVector MINUS_LN2_HIGH = Lanes.all(-LN2_HIGH);
  private static final FloatVector MINUS_LN2_LOW = Lanes.all(-LN2_LOW);
  private static final FloatVector EXP_0 = Lanes.all(2 * 1.9875691500e-4f);
  private static final FloatVector EXP_1 = Lanes.all(2 * 1.3981999507e-3f);
  private static final FloatVector EXP_2 = Lanes.all(2 * 8.3334519073e-3f);
  private static final FloatVector EXP_3 = Lanes.all(2 * 4.1665795894e-2f);
  private static final FloatVector EXP_4 = Lanes.all(2 * 1.6666665459e-1f);
  private static final FloatVector EXP_5 = Lanes.all(2 * 5.0000001201e-1f);
  private static final FloatVector LOG_0 = Lanes.all(7.0376836292e-2f);
  private static final FloatVector LOG_1 = Lanes.all(-1.1514610310e-1f);
  private static final FloatVector LOG_2 = Lanes.all(1.1676998740e-1f);
  private static final FloatVector LOG_3 = Lanes.all(-1.2420140846e-1f);
  private static final FloatVector LOG_4 = Lanes.all(1.4249322787e-1f);
  private static final FloatVector LOG_5 = Lanes.all(-1.6668057665e-1f);
  private static final FloatVector LOG_6 = Lanes.all(2.0000714765e-1f);
  private static final FloatVector LOG_7 = Lanes.all(-2.4999993993e-1f);
  private static final FloatVector LOG_8 = Lanes.all(3.3333331174e-1f);
  private static final FloatVector LN2_LOW_LANES = Lanes.all(LN2_LOW);
  private static final FloatVector LOG_9 = Lanes.all(-0.5f);
  private static final FloatVector LN2_HIGH_LANES = Lanes.all(LN2_HIGH);
  private static final FloatVector TANH_0 = Lanes.all(-5.70498872745e-3f);
  private static final FloatVector TANH_1 = Lanes.all(2.06390887954e-2f);
  private static final FloatVector TANH_2 = Lanes.all(-5.37397155531e-2f);
  private static final FloatVector TANH_3 = Lanes.all(1.33314422036e-1f);
  private static final FloatVector TANH_4 = Lanes.all(-3.33332819422e-1f);
  private static final FloatVector ONE = Lanes.all(1f);
  private static final FloatVector TWO = Lanes.all(2f);
  private static final FloatVector ERF_0 = Lanes.all(7.853861353153693e-5f);
  private static final FloatVector ERF_1 = Lanes.all(-8.010193625184903e-4f);
  private static final FloatVector ERF_2 = Lanes.all(5.188327685732524e-3f);
  private static final FloatVector ERF_3 = Lanes.all(-2.685381193529856e-2f);
  private static final FloatVector ERF_4 = Lanes.all(1.128358514861418e-1f);
  private static final FloatVector ERF_5 = Lanes.all(-3.761262582423300e-1f);
  private static final FloatVector ERF_6 = Lanes.all(1.128379165726710f);
  private static final FloatVector ERFC_0 = Lanes.all(2.326819970068386e-2f);
  private static final FloatVector ERFC_1 = Lanes.all(-1.387039388740657e-1f);
  private static final FloatVector ERFC_2 = Lanes.all(3.687424674597105e-1f);
  private static final FloatVector ERFC_3 = Lanes.all(-5.824733027278666e-1f);
  private static final FloatVector ERFC_4 = Lanes.all(6.210004621745983e-1f);
  private static final FloatVector ERFC_5 = Lanes.all(-4.944515323274145e-1f);
  private static final FloatVector ERFC_6 = Lanes.all(3.404879937665872e-1f);
  private static final FloatVector ERFC_7 = Lanes.all(-2.741127028184656e-1f);
  private static final FloatVector ERFC_8 = Lanes.all(5.638259427386472e-1f);
  private static final FloatVector ERFC_9 = Lanes.all(-1.047766399936249e1f);
  private static final FloatVector ERFC_10 = Lanes.all(1.297719955372516e1f);
  private static final FloatVector ERFC_11 = Lanes.all(-7.495518717768503f);
  private static final FloatVector ERFC_12 = Lanes.all(2.921019019210786f);
  private static final FloatVector ERFC_13 = Lanes.all(-1.015265279202700f);
  private static final FloatVector ERFC_14 = Lanes.all(4.218463358204948e-1f);
  private static final FloatVector ERFC_15 = Lanes.all(-2.820767439740514e-1f);
  private static final FloatVector ERFC_16 = Lanes.all(5.641895067754075e-1f);

  private VectorMath() {}

  /// e^x within 1 ulp; 0 where x is below -86.6 (-infinity too), infinity above 88.72, NaN for NaN.
  static FloatVector exp(FloatVector x) {
    FloatVector y = exponential(x);
    y = y.blend(0f, x.compare(VectorOperators.LT, -86.6f));
    return y.blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, 88.7228f));
  }

  /// e^x for x up to 88, as [#exp] but without the upper limit: for what lies below its row's maximum.
  public static FloatVector expBelow(FloatVector x) {
    return exponential(x).blend(0f, x.compare(VectorOperators.LT, -86.6f));
  }

  /// e^x from -86.6 to 88.72; elsewhere anything.
  private static FloatVector exponential(FloatVector x) {
    FloatVector t = x.fma(LOG2_E_LANES, ROUND_LANES);
    FloatVector n = t.sub(ROUND);
    FloatVector r = n.fma(MINUS_LN2_HIGH, x);
    r = n.fma(MINUS_LN2_LOW, r);
    // twice the polynomial, so that half of 2^n stays finite for every result that is
    FloatVector p = r.fma(EXP_0, EXP_1);
    p = p.fma(r, EXP_2);
    p = p.fma(r, EXP_3);
    p = p.fma(r, EXP_4);
    p = p.fma(r, EXP_5);
    p = p.fma(r.mul(r), r.add(r)).add(2f);
    IntVector half = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).add(126 << 23);
    return p.mul(half.reinterpretAsFloats());
  }

  /// The natural logarithm within 2 ulp; -infinity for 0 and what is below the normal numbers, NaN for negatives.
  public static FloatVector log(FloatVector x) {
    IntVector bits = x.reinterpretAsInts();
    // mantissa in [sqrt(1/2), sqrt(2)): 0x3f3504f3 is sqrt(1/2)
    IntVector shifted = bits.sub(0x3f3504f3);
    IntVector e = shifted.lanewise(VectorOperators.ASHR, 23);
    FloatVector m = bits.sub(e.lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats();
    FloatVector exponent = e.add(Float.floatToRawIntBits(ROUND)).reinterpretAsFloats().sub(ROUND);
    FloatVector r = m.sub(1f);
    FloatVector z = r.mul(r);
    FloatVector p = r.fma(LOG_0, LOG_1);
    p = p.fma(r, LOG_2);
    p = p.fma(r, LOG_3);
    p = p.fma(r, LOG_4);
    p = p.fma(r, LOG_5);
    p = p.fma(r, LOG_6);
    p = p.fma(r, LOG_7);
    p = p.fma(r, LOG_8);
    FloatVector y = p.mul(r).mul(z);
    y = exponent.fma(LN2_LOW_LANES, y);
    y = z.fma(LOG_9, y);
    y = exponent.fma(LN2_HIGH_LANES, r.add(y));
    y = y.blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.LT, Float.MIN_NORMAL));
    y = y.blend(Float.NaN, x.compare(VectorOperators.LT, 0f));
    y = y.blend(x, x.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY));
    return y.blend(x, x.compare(VectorOperators.NE, x));
  }

  /// The hyperbolic tangent within 3 ulp.
  static FloatVector tanh(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector z = x.mul(x);
    FloatVector p = z.fma(TANH_0, TANH_1);
    p = p.fma(z, TANH_2);
    p = p.fma(z, TANH_3);
    p = p.fma(z, TANH_4);
    FloatVector near = p.mul(z).fma(x, x);
    FloatVector far = ONE.sub(TWO.div(exp(a.add(a)).add(1f)));
    VectorMask<Float> small = a.compare(VectorOperators.LT, 0.625f);
    return withSign(far, x).blend(near, small);
  }

  /// The error function within 3 ulp.
  static FloatVector erf(FloatVector x) {
    FloatVector a = x.abs();
    // erfc(4) is below half an ulp of 1
    FloatVector limited = a.blend(4f, a.compare(VectorOperators.GT, 4f));
    FloatVector tail = exp(limited.mul(limited).neg()).mul(erfcOverExp(limited));
    return withSign(ONE.sub(tail), x).blend(erfWithinOne(x), a.compare(VectorOperators.LE, 1f));
  }

  /// The error function from -1 to 1.
  static FloatVector erfWithinOne(FloatVector x) {
    FloatVector z = x.mul(x);
    FloatVector near = z.fma(ERF_0, ERF_1);
    near = near.fma(z, ERF_2);
    near = near.fma(z, ERF_3);
    near = near.fma(z, ERF_4);
    near = near.fma(z, ERF_5);
    return near.fma(z, ERF_6).mul(x);
  }

  /// erfc(a) e^(a²) for a from 1 on; from 1 to 2 and from 2 on it is a polynomial each.
  static FloatVector erfcOverExp(FloatVector a) {
    FloatVector q = ONE.div(a);
    FloatVector y = q.mul(q);
    FloatVector middle = y.fma(ERFC_0, ERFC_1);
    middle = middle.fma(y, ERFC_2);
    middle = middle.fma(y, ERFC_3);
    middle = middle.fma(y, ERFC_4);
    middle = middle.fma(y, ERFC_5);
    middle = middle.fma(y, ERFC_6);
    middle = middle.fma(y, ERFC_7);
    middle = middle.fma(y, ERFC_8);
    FloatVector far = y.fma(ERFC_9, ERFC_10);
    far = far.fma(y, ERFC_11);
    far = far.fma(y, ERFC_12);
    far = far.fma(y, ERFC_13);
    far = far.fma(y, ERFC_14);
    far = far.fma(y, ERFC_15);
    far = far.fma(y, ERFC_16);
    return middle.blend(far, a.compare(VectorOperators.GE, 2f)).mul(q);
  }

  /// The non-negative y with the sign of x.
  private static FloatVector withSign(FloatVector y, FloatVector x) {
    IntVector sign = x.reinterpretAsInts().and(Integer.MIN_VALUE);
    return y.reinterpretAsInts().or(sign).reinterpretAsFloats();
  }
}
