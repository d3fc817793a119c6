package dev.quintet.core.cpu;

import static dev.quintet.core.cpu.Lanes.all;
import static dev.quintet.core.cpu.Lanes.first;
import static dev.quintet.core.cpu.Lanes.load;
import static dev.quintet.core.cpu.Lanes.zero;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Sums and extremes of one contiguous row, each in an order that depends on its length alone.
final class RowMath {
  /// Elements that are summed in float32 before the sum goes on in float64.
  private static final int CHUNK = 4096;

  private static final VectorSpecies<Double> D =
      VectorSpecies.of(double.class, Lanes.F.vectorShape());

  /// As many float32 as [#D] has lanes.
  private static final VectorSpecies<Float> HALF =
      VectorSpecies.of(float.class, VectorShape.forBitSize(Lanes.F.vectorBitSize() / 2));

  private RowMath() {}

  /// The sum of `n` elements.
  static double sum(long address, int n) {
    double total = 0;
    for (int from = 0; from < n; from += CHUNK) {
      total += chunkSum(Native.at(address, from), Math.min(CHUNK, n - from));
    }
    return total;
  }

  /// The sum of the squares of `n` elements.
  static double squares(long address, int n) {
    double total = 0;
    for (int from = 0; from < n; from += CHUNK) {
      int count = Math.min(CHUNK, n - from);
      float sum = chunkSquares(Native.at(address, from), count, 0);
      total += sum <= Float.MAX_VALUE ? sum : squaresInFloat64(Native.at(address, from), count);
    }
    return total;
  }

  /// The sum of the squares of `n` elements, all in float64.
  static double squaresInFloat64(long address, int n) {
    MemorySegment x = Native.floats(address, n);
    DoubleVector a = DoubleVector.zero(D);
    DoubleVector b = a;
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      DoubleVector v = wide(FloatVector.fromMemorySegment(HALF, x, 4L * i, Lanes.ORDER));
      DoubleVector w =
          wide(FloatVector.fromMemorySegment(HALF, x, 4L * i + 2L * Lanes.N, Lanes.ORDER));
      a = v.fma(v, a);
      b = w.fma(w, b);
    }
    double[] lanes = RowScratch.partDoubles(D.length());
    a.add(b).intoArray(lanes, 0);
    double sum = 0;
    for (int lane = 0; lane < D.length(); lane++) {
      sum += lanes[lane];
    }
    for (; i < n; i++) {
      double v = x.getAtIndex(JAVA_FLOAT_UNALIGNED, i);
      sum += v * v;
    }
    return sum;
  }

  private static DoubleVector wide(FloatVector v) {
    return (DoubleVector) v.convertShape(VectorOperators.F2D, D, 0);
  }

  /// The sum of the squares of `n` elements less `mean`.
  static double squaresAround(float mean, long address, int n) {
    double total = 0;
    for (int from = 0; from < n; from += CHUNK) {
      total += chunkSquares(Native.at(address, from), Math.min(CHUNK, n - from), mean);
    }
    return total;
  }

  /// The sum of the products of `n` elements each.
  static double dot(long left, long right, int n) {
    double total = 0;
    for (int from = 0; from < n; from += CHUNK) {
      int count = Math.min(CHUNK, n - from);
      total += chunkDot(Native.at(left, from), Native.at(right, from), count);
    }
    return total;
  }

  /// The largest of `n` elements; NaN if one is NaN, negative infinity if there is none.
  static float max(long address, int n) {
    MemorySegment x = Native.floats(address, n);
    FloatVector a = all(Float.NEGATIVE_INFINITY);
    FloatVector b = a;
    int i = 0;
    for (; i <= n - 2 * Lanes.N; i += 2 * Lanes.N) {
      a = a.max(load(x, i));
      b = b.max(load(x, i + Lanes.N));
    }
    for (; i <= n - Lanes.N; i += Lanes.N) {
      a = a.max(load(x, i));
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      b = b.max(all(Float.NEGATIVE_INFINITY).blend(load(x, i, m), m));
    }
    return Lanes.max(a.max(b));
  }

  /// The smallest of `n` elements; NaN if one is NaN, infinity if there is none.
  static float min(long address, int n) {
    MemorySegment x = Native.floats(address, n);
    FloatVector a = all(Float.POSITIVE_INFINITY);
    FloatVector b = a;
    int i = 0;
    for (; i <= n - 2 * Lanes.N; i += 2 * Lanes.N) {
      a = a.min(load(x, i));
      b = b.min(load(x, i + Lanes.N));
    }
    for (; i <= n - Lanes.N; i += Lanes.N) {
      a = a.min(load(x, i));
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      b = b.min(all(Float.POSITIVE_INFINITY).blend(load(x, i, m), m));
    }
    return Lanes.min(a.min(b));
  }

  private static float chunkSum(long address, int n) {
    MemorySegment x = Native.floats(address, n);
    FloatVector a = zero();
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int i = 0;
    for (; i <= n - 4 * Lanes.N; i += 4 * Lanes.N) {
      a = a.add(load(x, i));
      b = b.add(load(x, i + Lanes.N));
      c = c.add(load(x, i + 2 * Lanes.N));
      d = d.add(load(x, i + 3 * Lanes.N));
    }
    for (; i <= n - Lanes.N; i += Lanes.N) {
      a = a.add(load(x, i));
    }
    if (i < n) {
      b = b.add(load(x, i, first(n - i)));
    }
    return Lanes.sum(a.add(b).add(c.add(d)));
  }

  private static float chunkSquares(long address, int n, float mean) {
    MemorySegment x = Native.floats(address, n);
    FloatVector a = zero();
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int i = 0;
    for (; i <= n - 4 * Lanes.N; i += 4 * Lanes.N) {
      FloatVector v = load(x, i).sub(mean);
      FloatVector w = load(x, i + Lanes.N).sub(mean);
      FloatVector y = load(x, i + 2 * Lanes.N).sub(mean);
      FloatVector z = load(x, i + 3 * Lanes.N).sub(mean);
      a = v.fma(v, a);
      b = w.fma(w, b);
      c = y.fma(y, c);
      d = z.fma(z, d);
    }
    for (; i <= n - Lanes.N; i += Lanes.N) {
      FloatVector v = load(x, i).sub(mean);
      a = v.fma(v, a);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      FloatVector v = zero().blend(load(x, i, m).sub(mean), m);
      b = v.fma(v, b);
    }
    return Lanes.sum(a.add(b).add(c.add(d)));
  }

  private static float chunkDot(long left, long right, int n) {
    MemorySegment x = Native.floats(left, n);
    MemorySegment y = Native.floats(right, n);
    FloatVector a = zero();
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int i = 0;
    for (; i <= n - 4 * Lanes.N; i += 4 * Lanes.N) {
      a = load(x, i).fma(load(y, i), a);
      b = load(x, i + Lanes.N).fma(load(y, i + Lanes.N), b);
      c = load(x, i + 2 * Lanes.N).fma(load(y, i + 2 * Lanes.N), c);
      d = load(x, i + 3 * Lanes.N).fma(load(y, i + 3 * Lanes.N), d);
    }
    for (; i <= n - Lanes.N; i += Lanes.N) {
      a = load(x, i).fma(load(y, i), a);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      b = load(x, i, m).fma(load(y, i, m), b);
    }
    return Lanes.sum(a.add(b).add(c.add(d)));
  }
}
