package dev.quintet.core.cpu.lane;

import static dev.quintet.core.cpu.lane.Lanes.all;
import static dev.quintet.core.cpu.lane.Lanes.load;
import static dev.quintet.core.cpu.lane.Lanes.zero;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.Workspace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Sums and extremes of one contiguous row, each in an order that depends on its length alone.
public final class RowMath {
  /// Elements that are summed in float32 before the sum goes on in float64.
  private static final int CHUNK = 4096;

  private static final VectorSpecies<Double> D =
      VectorSpecies.of(double.class, Lanes.F.vectorShape());

  /// As many float32 as [#D] has lanes.
  private static final VectorSpecies<Float> HALF =
      VectorSpecies.of(float.class, VectorShape.forBitSize(Lanes.F.vectorBitSize() / 2));

  private RowMath() {}

  /// The sum of `n` elements.
  public static double sum(long address, int n) {
    double total = 0;
    int whole = Tails.whole(n);
    for (int from = 0; from < whole; from += CHUNK) {
      total += sumLoop(Native.at(address, from), Math.min(CHUNK, whole - from));
    }
    return whole == n ? total : total + sumLoop(Tails.in(0, address, n), Lanes.N);
  }

  /// The sum of the squares of `n` elements.
  public static double squares(long address, int n) {
    double total = squaresAround(0, address, n);
    return total <= Float.MAX_VALUE ? total : squaresInFloat64(address, n);
  }

  /// The sum of the squares of `n` elements less `mean`.
  public static double squaresAround(float mean, long address, int n) {
    double total = 0;
    int whole = Tails.whole(n);
    for (int from = 0; from < whole; from += CHUNK) {
      total += squaresLoop(mean, Native.at(address, from), Math.min(CHUNK, whole - from));
    }
    return whole == n ? total : total + squaresLoop(mean, Tails.in(0, address, n, mean), Lanes.N);
  }

  /// The sum of the products of `n` elements each.
  public static double dot(long left, long right, int n) {
    double total = 0;
    int whole = Tails.whole(n);
    for (int from = 0; from < whole; from += CHUNK) {
      int count = Math.min(CHUNK, whole - from);
      total += dotLoop(Native.at(left, from), Native.at(right, from), count);
    }
    return whole == n
        ? total
        : total + dotLoop(Tails.in(0, left, n), Tails.in(1, right, n), Lanes.N);
  }

  /// The largest of `n` elements; NaN if one is NaN, negative infinity if there is none.
  public static float max(long address, int n) {
    int whole = Tails.whole(n);
    float max = maxLoop(address, whole);
    return whole == n
        ? max
        : Math.max(max, maxLoop(Tails.in(0, address, n, Float.NEGATIVE_INFINITY), Lanes.N));
  }

  /// The smallest of `n` elements; NaN if one is NaN, infinity if there is none.
  public static float min(long address, int n) {
    int whole = Tails.whole(n);
    float min = minLoop(address, whole);
    return whole == n
        ? min
        : Math.min(min, minLoop(Tails.in(0, address, n, Float.POSITIVE_INFINITY), Lanes.N));
  }

  /// The sum of e^(x - max) of `n` elements, none above max.
  public static float sumOfExponentials(float max, long address, int n) {
    int whole = Tails.whole(n);
    float sum = ExponentialLoops.sum(max, whole, address);
    return whole == n
        ? sum
        : sum
            + ExponentialLoops.sum(max, Lanes.N, Tails.in(0, address, n, Float.NEGATIVE_INFINITY));
  }

  /// The sum of the squares of `n` elements, all in float64.
  public static double squaresInFloat64(long address, int n) {
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
    double[] lanes = Workspace.doubles(Workspace.PART, D.length());
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

  private static float maxLoop(long address, int n) {
    MemorySegment x = Native.floats(address, n);
    FloatVector a = all(Float.NEGATIVE_INFINITY);
    FloatVector b = a;
    int i = 0;
    for (; i <= n - 2 * Lanes.N; i += 2 * Lanes.N) {
      a = a.max(load(x, i));
      b = b.max(load(x, i + Lanes.N));
    }
    if (i < n) {
      a = a.max(load(x, i));
    }
    return Lanes.max(a.max(b));
  }

  private static float minLoop(long address, int n) {
    MemorySegment x = Native.floats(address, n);
    FloatVector a = all(Float.POSITIVE_INFINITY);
    for (int i = 0; i < n; i += Lanes.N) {
      a = a.min(load(x, i));
    }
    return Lanes.min(a);
  }

  private static float sumLoop(long address, int n) {
    MemorySegment x = Native.floats(address, n);
    FloatVector a = zero();
    FloatVector b = a;
    int i = 0;
    for (; i <= n - 2 * Lanes.N; i += 2 * Lanes.N) {
      a = a.add(load(x, i));
      b = b.add(load(x, i + Lanes.N));
    }
    if (i < n) {
      a = a.add(load(x, i));
    }
    return Lanes.sum(a.add(b));
  }

  private static float squaresLoop(float mean, long address, int n) {
    MemorySegment x = Native.floats(address, n);
    FloatVector center = all(mean);
    FloatVector sum = zero();
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector v = load(x, i).sub(center);
      sum = v.fma(v, sum);
    }
    return Lanes.sum(sum);
  }

  private static float dotLoop(long left, long right, int n) {
    MemorySegment x = Native.floats(left, n);
    MemorySegment y = Native.floats(right, n);
    FloatVector sum = zero();
    for (int i = 0; i < n; i += Lanes.N) {
      sum = load(x, i).fma(load(y, i), sum);
    }
    return Lanes.sum(sum);
  }
}
