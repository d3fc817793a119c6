package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.function.Supplier;

/// Comparisons of float32 results with a float64 truth.
final class Expect {
  private Expect() {}

  /// Every element within a tolerance of the largest magnitude that is expected, which counts as 1 at
  /// least: operands have about that size, and a result may be what is left where they cancel.
  static void close(String what, double[] expected, float[] actual, double ofLargest) {
    double largest = 1;
    for (double e : expected) {
      if (Double.isFinite(e)) {
        largest = Math.max(largest, Math.abs(e));
      }
    }
    relative(what, expected, actual, 0, ofLargest * largest);
  }

  /// Every element within a tolerance of its own magnitude, plus an absolute one.
  static void relative(
      String what, double[] expected, float[] actual, double relative, double absolute) {
    assertEquals(expected.length, actual.length, what + ": elements");
    for (int i = 0; i < expected.length; i++) {
      double e = expected[i];
      double a = actual[i];
      boolean fine =
          Double.isNaN(e)
              ? Double.isNaN(a)
              : e == a
                  || (Math.abs(e) > Float.MAX_VALUE && a == Math.copySign(1.0 / 0, e))
                  || Math.abs(e - a) <= relative * Math.abs(e) + absolute;
      if (!fine) {
        fail(
            "%s: element %d of %d is %s, not %s (off by %.3g, %.3g of it)"
                .formatted(what, i, expected.length, a, e, a - e, (a - e) / e));
      }
    }
  }

  /// The same bits, where all NaN are one and the zeros are two.
  static void bits(Supplier<String> what, float[] expected, float[] actual) {
    assertEquals(expected.length, actual.length, what);
    for (int i = 0; i < expected.length; i++) {
      if (Float.floatToIntBits(expected[i]) != Float.floatToIntBits(actual[i])) {
        int at = i;
        fail(() ->
            "%s: element %d of %d is %s, not %s"
                .formatted(what.get(), at, expected.length, actual[at], expected[at]));
      }
    }
  }

  /// The same bits, where all NaN are one and the zeros are two.
  static void bits(String what, float[] expected, float[] actual) {
    bits(() -> what, expected, actual);
  }
}
