package dev.quintet.core.cpu.lane;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// The activation functions of vectors and their derivatives, shared by elementwise functions and gates.
///
/// Each smooth one is x s(x), so that its derivative is s + x s', and both need s once.
public final class Activations {
  /// 2 sqrt(2/pi): the tanh form of GELU is x sigmoid(2 sqrt(2/pi) (x + 0.044715 x³)).
  private static final float GELU = 1.5957691216057308f;

  private static final float GELU_CUBIC = 0.07135481627159236f;
  private static final float HALF_ROOT = 0.7071067811865476f;
  private static final float ROOT_TWO_PI = 0.3989422804014327f;

  /// 64 times the upper part of ln 2: adding it to what is below -80 is exact.
  private static final float SHIFT = 44.375f;

  private static final float SHIFTED_BACK = (float) StrictMath.exp(-44.375);

  private static final FloatVector ONE = Lanes.all(1);
  private static final FloatVector HALF = Lanes.all(0.5f);
  private static final FloatVector LINEAR = Lanes.all(GELU);
  private static final FloatVector CUBIC = Lanes.all(GELU_CUBIC);
  private static final FloatVector CUBIC_SLOPE = Lanes.all(3 * GELU_CUBIC);

  private Activations() {}

  /// e^x down to the smallest subnormal numbers, where [VectorMath#exp] gives 0 below -86.6.
  static FloatVector exp(FloatVector x) {
    VectorMask<Float> low = x.compare(VectorOperators.LT, -80f);
    FloatVector y = VectorMath.exp(x.blend(x.add(SHIFT), low));
    return y.blend(y.mul(SHIFTED_BACK), low);
  }

  /// 1 / (1 + e^-x).
  public static FloatVector sigmoid(FloatVector x) {
    return ONE.div(VectorMath.exp(x.neg()).add(1f));
  }

  /// s of the tanh form of GELU.
  public static FloatVector geluTanhFactor(FloatVector x) {
    return sigmoid(x.mul(x).fma(CUBIC, LINEAR).mul(x));
  }

  /// x k'(x) of the tanh form of GELU, whose factor is sigmoid(k(x)): the derivative is s + x k' s (1 - s).
  public static FloatVector geluTanhRise(FloatVector x) {
    return x.mul(x).fma(CUBIC_SLOPE, LINEAR).mul(x);
  }

  /// Phi, the normal distribution: the factor of exact GELU. Accurate in its tail too, where 1 + erf would cancel.
  public static FloatVector geluErfFactor(FloatVector x) {
    FloatVector t = x.mul(HALF_ROOT);
    FloatVector a = t.abs();
    FloatVector near = VectorMath.erfWithinOne(t).fma(HALF, HALF);
    FloatVector tail = VectorMath.erfcOverExp(a).mul(0.5f).mul(expOfHalfSquare(x));
    FloatVector far = ONE.sub(tail).blend(tail, x.compare(VectorOperators.LT, 0f));
    return near.blend(far, a.compare(VectorOperators.GT, 1f));
  }

  /// The derivative of exact GELU, with s its factor.
  public static FloatVector geluErfSlope(FloatVector x, FloatVector s) {
    return x.fma(expOfHalfSquare(x).mul(ROOT_TWO_PI), s);
  }

  /// e^(-x²/2), with what x² loses in rounding.
  private static FloatVector expOfHalfSquare(FloatVector x) {
    FloatVector near = x.blend(20f, x.abs().compare(VectorOperators.GT, 20f)); // e^-200 is 0 too
    FloatVector square = near.mul(near);
    FloatVector lost = near.fma(near, square.neg());
    FloatVector e = VectorMath.exp(square.mul(-0.5f));
    return e.sub(e.mul(lost).mul(0.5f));
  }
}
