package dev.quintet.core.cpu.lane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.cpu.work.CpuChoice;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIf;

@DisabledIf("scalar")
class VectorMathTest {
  static boolean scalar() {
    return CpuChoice.chosen().scalar();
  }

  @Test
  void isAccurateToAFewUnitsInTheLastPlace() {
    assertUlps(1.1, VectorMath::exp, StrictMath::exp, -86.5f, 88.7f);
    assertUlps(1.1, VectorMath::expBelow, StrictMath::exp, -86.5f, 80f);
    assertUlps(3, VectorMath::tanh, StrictMath::tanh, -20, 20);
    assertUlps(3, VectorMath::tanh, StrictMath::tanh, -1, 1);
    assertUlps(2, VectorMath::log, StrictMath::log, 0.5f, 2);
    assertUlps(2, VectorMath::log, StrictMath::log, 1e-30f, 1e30f);
    assertUlps(3, VectorMath::erf, VectorMathTest::erf, -1, 1);
    assertUlps(3, VectorMath::erf, VectorMathTest::erf, -5, 5);
  }

  @Test
  void hasTheRightLimits() {
    float inf = Float.POSITIVE_INFINITY;
    float largest = Float.MAX_VALUE;
    assertValues(VectorMath::exp, -inf, 0, -largest, 0, inf, inf, largest, inf, 0, 1);
    assertValues(VectorMath::expBelow, -inf, 0, -largest, 0, 0, 1);
    assertValues(VectorMath::tanh, -inf, -1, inf, 1, largest, 1, 0, 0, -largest, -1);
    assertValues(VectorMath::erf, -inf, -1, inf, 1, largest, 1, 0, 0);
    assertValues(VectorMath::log, 0, -inf, inf, inf, 1, 0, -1, Float.NaN);
    for (UnaryOperator<FloatVector> f :
        java.util.List.<UnaryOperator<FloatVector>>of(
            VectorMath::exp, VectorMath::tanh, VectorMath::erf, VectorMath::log)) {
      assertValues(f, Float.NaN, Float.NaN, Float.intBitsToFloat(0x7fffffff), Float.NaN);
    }
  }

  @Test
  void addsLanesInTheSameTreeInterpretedAndCompiled() {
    var random = new Random(1);
    float[] x = new float[Lanes.N];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    float expected = tree(x, Lanes.N);
    for (int i = 0; i < 20_000; i++) {
      assertEquals(expected, Lanes.sum(FloatVector.fromArray(Lanes.F, x, 0)));
    }
  }

  private static float tree(float[] x, int lanes) {
    float[] y = x.clone();
    for (int half = lanes / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        y[i] += y[i + half];
      }
    }
    return y[0];
  }

  private static void assertValues(UnaryOperator<FloatVector> f, float... argumentsAndValues) {
    for (int i = 0; i < argumentsAndValues.length; i += 2) {
      assertEquals(
          argumentsAndValues[i + 1],
          f.apply(Lanes.all(argumentsAndValues[i])).lane(1),
          "of " + argumentsAndValues[i]);
    }
  }

  private static void assertUlps(
      double most, UnaryOperator<FloatVector> f, DoubleUnaryOperator truth, float from, float to) {
    var random = new Random(7);
    float[] x = new float[Lanes.N];
    float[] y = new float[Lanes.N];
    for (int i = 0; i < 20_000; i++) {
      for (int j = 0; j < x.length; j++) {
        x[j] = from + random.nextFloat() * (to - from);
      }
      f.apply(FloatVector.fromArray(Lanes.F, x, 0)).intoArray(y, 0);
      for (int j = 0; j < x.length; j++) {
        double right = truth.applyAsDouble(x[j]);
        double ulps = Math.abs(y[j] - right) / Math.ulp((float) right);
        float at = x[j];
        assertTrue(ulps <= most, () -> ulps + " ulps at " + at);
      }
    }
  }

  /// The Taylor series, which converges everywhere; in float64 it is good to 1e-10 up to 5.
  private static double erf(double x) {
    if (Math.abs(x) > 4.5) {
      return Math.signum(x);
    }
    double term = x;
    double sum = x;
    for (int n = 1; n < 200; n++) {
      term *= -x * x / n;
      sum += term / (2 * n + 1);
    }
    return 2 / Math.sqrt(Math.PI) * sum;
  }
}
