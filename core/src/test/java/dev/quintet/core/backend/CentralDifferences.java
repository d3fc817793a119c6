package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;

/// Gradients by central differences: what the hand-written gradients of the plain forms are held to.
final class CentralDifferences {
  private static final double STEP = 1e-5;

  private CentralDifferences() {}

  /// Fails unless `gradient` is, within 1e-6 of its largest magnitude and what the differences
  /// themselves lose to rounding, that of the sum of dy f(x).
  static void assertGradient(
      String what, UnaryOperator<double[]> f, double[] x, double[] dy, double[] gradient) {
    ToDoubleFunction<double[]> loss =
        at -> {
          double[] y = f.apply(at);
          assertEquals(dy.length, y.length, what);
          double sum = 0;
          for (int i = 0; i < y.length; i++) {
            sum += y[i] * dy[i];
          }
          return sum;
        };
    double largest = 0;
    for (double g : gradient) {
      largest = Math.max(largest, Math.abs(g));
    }
    assertEquals(x.length, gradient.length, what);
    for (int i = 0; i < x.length; i++) {
      double[] moved = x.clone();
      moved[i] = x[i] + STEP;
      double up = loss.applyAsDouble(moved);
      moved[i] = x[i] - STEP;
      double down = loss.applyAsDouble(moved);
      // Where f is nearly flat beside its value, as erf is at -3.6, the last bits of f, a sum of
      // up to 200 terms, outweigh the slope.
      double rounding = 16 * Math.ulp(Math.max(Math.abs(up), Math.abs(down))) / STEP;
      double tolerance = 1e-6 * largest + rounding;
      assertEquals((up - down) / (2 * STEP), gradient[i], tolerance, what + ", element " + i);
    }
  }
}
