package dev.quintet.core.cpu.scalar;

/// Sums and extremes of rows, in an order of their own that the compiler cannot change.
///
/// Four float64 sums run side by side, so that an addition need not wait for the one before.
public final class ScalarRows {
  private ScalarRows() {}

  /// The sum of `count` elements from `from` on.
  static double sum(float[] x, int from, int count) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = from;
    int end = from + count;
    for (; i <= end - 4; i += 4) {
      a += x[i];
      b += x[i + 1];
      c += x[i + 2];
      d += x[i + 3];
    }
    for (; i < end; i++) {
      a += x[i];
    }
    return (a + b) + (c + d);
  }

  /// The sum of the products of two rows.
  static double dot(float[] x, float[] y, int count) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i <= count - 4; i += 4) {
      a += (double) x[i] * y[i];
      b += (double) x[i + 1] * y[i + 1];
      c += (double) x[i + 2] * y[i + 2];
      d += (double) x[i + 3] * y[i + 3];
    }
    for (; i < count; i++) {
      a += (double) x[i] * y[i];
    }
    return (a + b) + (c + d);
  }

  /// The largest; negative infinity of none, NaN if one is NaN.
  static float max(float[] x, int from, int count) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = from; i < from + count; i++) {
      max = Math.max(max, x[i]);
    }
    return max;
  }

  /// The smallest; infinity of none, NaN if one is NaN.
  static float min(float[] x, int from, int count) {
    float min = Float.POSITIVE_INFINITY;
    for (int i = from; i < from + count; i++) {
      min = Math.min(min, x[i]);
    }
    return min;
  }

  /// Puts e^(x - shift) in place of x.
  static void exponentials(float[] x, float shift, int count) {
    for (int i = 0; i < count; i++) {
      x[i] -= shift;
    }
    ScalarMath.exp(x, x, count);
  }

  /// Multiplies a row by a number.
  public static void scale(float[] x, float factor, int count) {
    for (int i = 0; i < count; i++) {
      x[i] *= factor;
    }
  }

  /// Adds one row to another.
  static void add(float[] x, float[] to, int count) {
    for (int i = 0; i < count; i++) {
      to[i] += x[i];
    }
  }

  /// Adds `count` elements to those at an address, by way of scratch array `operand`.
  static void addTo(long address, float[] x, int count, int operand) {
    float[] sum = ScalarScratch.load(operand, address, count);
    add(x, sum, count);
    ScalarScratch.store(sum, address, count);
  }

  /// Stores a row at an address, or adds it to what is there by way of scratch array `operand`.
  public static void put(float[] x, long address, int count, boolean accumulate, int operand) {
    if (accumulate) {
      addTo(address, x, count, operand);
    } else {
      ScalarScratch.store(x, address, count);
    }
  }
}
