package dev.quintet.core.cpu;

import static dev.quintet.core.cpu.Lanes.all;
import static dev.quintet.core.cpu.Lanes.first;
import static dev.quintet.core.cpu.Lanes.load;
import static dev.quintet.core.cpu.Lanes.store;
import static dev.quintet.core.cpu.Lanes.zero;
import static dev.quintet.core.cpu.Native.at;

import dev.quintet.core.backend.SoftmaxKernels;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Softmax on vectors, row by row.
final class VectorSoftmax implements SoftmaxKernels {

  @Override
  public void softmax(long rows, int width, long x, long y) {
    rows(rows, width, i -> softmax(width, at(x, i), at(y, i)));
  }

  private static void softmax(int n, long from, long to) {
    float max = RowMath.max(from, n);
    float sum = exponentials(max, n, from, to);
    UnaryLoops.scale(1 / sum, to, to, n);
  }

  /// y = e^(x - max), and its sum.
  private static float exponentials(float max, int n, long from, long to) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    FloatVector sum = zero();
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      FloatVector e = VectorMath.expBelow(load(x, i).sub(max));
      store(e, y, i);
      sum = sum.add(e);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      FloatVector e = VectorMath.expBelow(load(x, i, m).sub(max));
      store(e, y, i, m);
      sum = sum.add(zero().blend(e, m));
    }
    return Lanes.sum(sum);
  }

  /// The sum of e^(x - max).
  static float sumOfExponentials(float max, int n, long from) {
    MemorySegment x = Native.floats(from, n);
    FloatVector sum = zero();
    FloatVector odd = sum;
    int i = 0;
    for (; i <= n - 2 * Lanes.N; i += 2 * Lanes.N) {
      sum = sum.add(VectorMath.expBelow(load(x, i).sub(max)));
      odd = odd.add(VectorMath.expBelow(load(x, i + Lanes.N).sub(max)));
    }
    for (; i <= n - Lanes.N; i += Lanes.N) {
      sum = sum.add(VectorMath.expBelow(load(x, i).sub(max)));
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      odd = odd.add(zero().blend(VectorMath.expBelow(load(x, i, m).sub(max)), m));
    }
    return Lanes.sum(sum.add(odd));
  }

  @Override
  public void softmaxBackward(long rows, int width, long y, long dy, long dx, boolean accumulate) {
    rows(rows, width, i -> softmaxBackward(width, at(y, i), at(dy, i), at(dx, i), accumulate));
  }

  private static void softmaxBackward(int n, long values, long gradient, long to, boolean add) {
    float dot = (float) RowMath.dot(values, gradient, n);
    MemorySegment y = Native.floats(values, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dx = Native.floats(to, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      UnaryBackwardLoops.put(load(y, i).mul(load(dy, i).sub(dot)), dx, i, add);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      UnaryBackwardLoops.put(load(y, i, m).mul(load(dy, i, m).sub(dot)), dx, i, m, add);
    }
  }

  @Override
  public void logSoftmax(long rows, int width, long x, long y) {
    rows(rows, width, i -> logSoftmax(width, at(x, i), at(y, i)));
  }

  private static void logSoftmax(int n, long from, long to) {
    float max = RowMath.max(from, n);
    float log = (float) StrictMath.log(sumOfExponentials(max, n, from));
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      store(load(x, i).sub(max).sub(log), y, i);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      store(load(x, i, m).sub(max).sub(log), y, i, m);
    }
  }

  @Override
  public void logSoftmaxBackward(
      long rows, int width, long y, long dy, long dx, boolean accumulate) {
    rows(rows, width, i -> logSoftmaxBackward(width, at(y, i), at(dy, i), at(dx, i), accumulate));
  }

  private static void logSoftmaxBackward(int n, long values, long gradient, long to, boolean add) {
    FloatVector sum = all(-(float) RowMath.sum(gradient, n));
    MemorySegment y = Native.floats(values, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dx = Native.floats(to, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      FloatVector p = VectorMath.expBelow(load(y, i));
      UnaryBackwardLoops.put(p.fma(sum, load(dy, i)), dx, i, add);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      FloatVector p = VectorMath.expBelow(load(y, i, m));
      UnaryBackwardLoops.put(p.fma(sum, load(dy, i, m)), dx, i, m, add);
    }
  }

  /// What is done with one row, given its first element's index.
  @FunctionalInterface
  private interface Row {
    void run(long element);
  }

  private static void rows(long rows, int width, Row row) {
    if (width == 0) {
      return;
    }
    Cuts.items(
        rows,
        width,
        (from, n) -> {
          for (long r = from; r < from + n; r++) {
            row.run(r * width);
          }
        });
  }
}
