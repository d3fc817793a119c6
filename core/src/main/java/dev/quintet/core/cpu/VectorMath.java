package dev.quintet.core.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Elementary functions of vectors, with the same bits interpreted and compiled.
///
/// Coefficients are those of Moshier's Cephes library (`expf`, `logf`, `tanhf`, `erff`, netlib.org/cephes).
/// Integers and floats are converted by adding 1.5·2^23, because the conversion instructions are compiled with guards.
final class VectorMath {
  /// 1.5·2^23: added to a small float it leaves the nearest integer in the low bits.
  private static final float ROUND = 12582912f;

  private static final float LOG2_E = 1.44269504088896341f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;

  private VectorMath() {}

  /// e^x within 1 ulp; 0 where x is below -86.6 (-infinity too), infinity above 88.72, NaN for NaN.
  static FloatVector exp(FloatVector x) {
    FloatVector y = exponential(x);
    y = y.blend(0f, x.compare(VectorOperators.LT, -86.6f));
    return y.blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, 88.7228f));
  }

  /// e^x for x up to 88, as [#exp] but without the upper limit: for what lies below its row's maximum.
  static FloatVector expBelow(FloatVector x) {
    return exponential(x).blend(0f, x.compare(VectorOperators.LT, -86.6f));
  }

  /// e^x from -86.6 to 88.72; elsewhere anything.
  private static FloatVector exponential(FloatVector x) {
    FloatVector t = x.fma(Lanes.all(LOG2_E), Lanes.all(ROUND));
    FloatVector n = t.sub(ROUND);
    FloatVector r = n.fma(Lanes.all(-LN2_HIGH), x);
    r = n.fma(Lanes.all(-LN2_LOW), r);
    // twice the polynomial, so that half of 2^n stays finite for every result that is
    FloatVector p = r.fma(Lanes.all(2 * 1.9875691500e-4f), Lanes.all(2 * 1.3981999507e-3f));
    p = p.fma(r, Lanes.all(2 * 8.3334519073e-3f));
    p = p.fma(r, Lanes.all(2 * 4.1665795894e-2f));
    p = p.fma(r, Lanes.all(2 * 1.6666665459e-1f));
    p = p.fma(r, Lanes.all(2 * 5.0000001201e-1f));
    p = p.fma(r.mul(r), r.add(r)).add(2f);
    IntVector half = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).add(126 << 23);
    return p.mul(half.reinterpretAsFloats());
  }

  /// The natural logarithm within 2 ulp; -infinity for 0 and what is below the normal numbers, NaN for negatives.
  static FloatVector log(FloatVector x) {
    IntVector bits = x.reinterpretAsInts();
    // mantissa in [sqrt(1/2), sqrt(2)): 0x3f3504f3 is sqrt(1/2)
    IntVector shifted = bits.sub(0x3f3504f3);
    IntVector e = shifted.lanewise(VectorOperators.ASHR, 23);
    FloatVector m = bits.sub(e.lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats();
    FloatVector exponent = e.add(Float.floatToRawIntBits(ROUND)).reinterpretAsFloats().sub(ROUND);
    FloatVector r = m.sub(1f);
    FloatVector z = r.mul(r);
    FloatVector p = r.fma(Lanes.all(7.0376836292e-2f), Lanes.all(-1.1514610310e-1f));
    p = p.fma(r, Lanes.all(1.1676998740e-1f));
    p = p.fma(r, Lanes.all(-1.2420140846e-1f));
    p = p.fma(r, Lanes.all(1.4249322787e-1f));
    p = p.fma(r, Lanes.all(-1.6668057665e-1f));
    p = p.fma(r, Lanes.all(2.0000714765e-1f));
    p = p.fma(r, Lanes.all(-2.4999993993e-1f));
    p = p.fma(r, Lanes.all(3.3333331174e-1f));
    FloatVector y = p.mul(r).mul(z);
    y = exponent.fma(Lanes.all(LN2_LOW), y);
    y = z.fma(Lanes.all(-0.5f), y);
    y = exponent.fma(Lanes.all(LN2_HIGH), r.add(y));
    y = y.blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.LT, Float.MIN_NORMAL));
    y = y.blend(Float.NaN, x.compare(VectorOperators.LT, 0f));
    y = y.blend(x, x.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY));
    return y.blend(x, x.compare(VectorOperators.NE, x));
  }

  /// The hyperbolic tangent within 3 ulp.
  static FloatVector tanh(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector z = x.mul(x);
    FloatVector p = z.fma(Lanes.all(-5.70498872745e-3f), Lanes.all(2.06390887954e-2f));
    p = p.fma(z, Lanes.all(-5.37397155531e-2f));
    p = p.fma(z, Lanes.all(1.33314422036e-1f));
    p = p.fma(z, Lanes.all(-3.33332819422e-1f));
    FloatVector near = p.mul(z).fma(x, x);
    FloatVector far = Lanes.all(1f).sub(Lanes.all(2f).div(exp(a.add(a)).add(1f)));
    VectorMask<Float> small = a.compare(VectorOperators.LT, 0.625f);
    return withSign(far, x).blend(near, small);
  }

  /// The error function within 3 ulp.
  static FloatVector erf(FloatVector x) {
    FloatVector a = x.abs();
    // erfc(4) is below half an ulp of 1
    FloatVector limited = a.blend(4f, a.compare(VectorOperators.GT, 4f));
    FloatVector tail = exp(limited.mul(limited).neg()).mul(erfcOverExp(limited));
    return withSign(Lanes.all(1f).sub(tail), x)
        .blend(erfWithinOne(x), a.compare(VectorOperators.LE, 1f));
  }

  /// The error function from -1 to 1.
  static FloatVector erfWithinOne(FloatVector x) {
    FloatVector z = x.mul(x);
    FloatVector near = z.fma(Lanes.all(7.853861353153693e-5f), Lanes.all(-8.010193625184903e-4f));
    near = near.fma(z, Lanes.all(5.188327685732524e-3f));
    near = near.fma(z, Lanes.all(-2.685381193529856e-2f));
    near = near.fma(z, Lanes.all(1.128358514861418e-1f));
    near = near.fma(z, Lanes.all(-3.761262582423300e-1f));
    return near.fma(z, Lanes.all(1.128379165726710f)).mul(x);
  }

  /// erfc(a) e^(a²) for a from 1 on; from 1 to 2 and from 2 on it is a polynomial each.
  static FloatVector erfcOverExp(FloatVector a) {
    FloatVector q = Lanes.all(1f).div(a);
    FloatVector y = q.mul(q);
    FloatVector middle = y.fma(Lanes.all(2.326819970068386e-2f), Lanes.all(-1.387039388740657e-1f));
    middle = middle.fma(y, Lanes.all(3.687424674597105e-1f));
    middle = middle.fma(y, Lanes.all(-5.824733027278666e-1f));
    middle = middle.fma(y, Lanes.all(6.210004621745983e-1f));
    middle = middle.fma(y, Lanes.all(-4.944515323274145e-1f));
    middle = middle.fma(y, Lanes.all(3.404879937665872e-1f));
    middle = middle.fma(y, Lanes.all(-2.741127028184656e-1f));
    middle = middle.fma(y, Lanes.all(5.638259427386472e-1f));
    FloatVector far = y.fma(Lanes.all(-1.047766399936249e1f), Lanes.all(1.297719955372516e1f));
    far = far.fma(y, Lanes.all(-7.495518717768503f));
    far = far.fma(y, Lanes.all(2.921019019210786f));
    far = far.fma(y, Lanes.all(-1.015265279202700f));
    far = far.fma(y, Lanes.all(4.218463358204948e-1f));
    far = far.fma(y, Lanes.all(-2.820767439740514e-1f));
    far = far.fma(y, Lanes.all(5.641895067754075e-1f));
    return middle.blend(far, a.compare(VectorOperators.GE, 2f)).mul(q);
  }

  /// The non-negative y with the sign of x.
  private static FloatVector withSign(FloatVector y, FloatVector x) {
    IntVector sign = x.reinterpretAsInts().and(Integer.MIN_VALUE);
    return y.reinterpretAsInts().or(sign).reinterpretAsFloats();
  }
}
