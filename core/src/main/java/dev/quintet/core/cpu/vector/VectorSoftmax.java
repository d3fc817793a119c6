package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.lane.Lanes.all;
import static dev.quintet.core.cpu.lane.Lanes.load;
import static dev.quintet.core.cpu.lane.Lanes.store;
import static dev.quintet.core.cpu.work.Native.at;

import dev.quintet.core.backend.SoftmaxKernels;
import dev.quintet.core.cpu.lane.ExponentialLoops;
import dev.quintet.core.cpu.lane.Lanes;
import dev.quintet.core.cpu.lane.RowMath;
import dev.quintet.core.cpu.lane.Tails;
import dev.quintet.core.cpu.lane.UnaryBackwardLoops;
import dev.quintet.core.cpu.lane.UnaryLoops;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Softmax on vectors, row by row.
public final class VectorSoftmax implements SoftmaxKernels {

  @Override
  public void softmax(long rows, int width, long x, long y) {
    rows(rows, width, i -> softmax(width, at(x, i), at(y, i)));
  }

  private static void softmax(int n, long x, long y) {
    float max = RowMath.max(x, n);
    int whole = Tails.whole(n);
    float sum = ExponentialLoops.values(max, whole, x, y);
    if (whole == n) {
      UnaryLoops.scale(1 / sum, y, y, n);
      return;
    }
    long last = Tails.in(0, x, n, Float.NEGATIVE_INFINITY);
    sum += ExponentialLoops.values(max, Lanes.N, last, Tails.slot(1));
    UnaryLoops.scale(1 / sum, y, y, whole);
    UnaryLoops.scale(1 / sum, Tails.slot(1), Tails.slot(1), Lanes.N);
    Tails.out(1, y, n);
  }

  @Override
  public void softmaxBackward(long rows, int width, long y, long dy, long dx, boolean accumulate) {
    rows(rows, width, i -> softmaxBackward(width, at(y, i), at(dy, i), at(dx, i), accumulate));
  }

  private static void softmaxBackward(int n, long y, long dy, long dx, boolean add) {
    float dot = (float) RowMath.dot(y, dy, n);
    int whole = Tails.whole(n);
    softmaxLoop(dot, whole, y, dy, dx, add);
    if (whole < n) {
      long to = Tails.in(2, dx, n);
      softmaxLoop(dot, Lanes.N, Tails.in(0, y, n), Tails.in(1, dy, n), to, add);
      Tails.out(2, dx, n);
    }
  }

  private static void softmaxLoop(
      float dot, int n, long values, long gradient, long to, boolean add) {
    MemorySegment y = Native.floats(values, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dx = Native.floats(to, n);
    FloatVector sum = all(dot);
    for (int i = 0; i < n; i += Lanes.N) {
      UnaryBackwardLoops.put(load(y, i).mul(load(dy, i).sub(sum)), dx, i, add);
    }
  }

  @Override
  public void logSoftmax(long rows, int width, long x, long y) {
    rows(rows, width, i -> logSoftmax(width, at(x, i), at(y, i)));
  }

  private static void logSoftmax(int n, long x, long y) {
    float max = RowMath.max(x, n);
    float log = (float) StrictMath.log(RowMath.sumOfExponentials(max, x, n));
    int whole = Tails.whole(n);
    logSoftmaxLoop(max, log, whole, x, y);
    if (whole < n) {
      logSoftmaxLoop(max, log, Lanes.N, Tails.in(0, x, n), Tails.slot(1));
      Tails.out(1, y, n);
    }
  }

  private static void logSoftmaxLoop(float max, float log, int n, long from, long to) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    FloatVector largest = all(max);
    FloatVector rest = all(log);
    for (int i = 0; i < n; i += Lanes.N) {
      store(load(x, i).sub(largest).sub(rest), y, i);
    }
  }

  @Override
  public void logSoftmaxBackward(
      long rows, int width, long y, long dy, long dx, boolean accumulate) {
    rows(rows, width, i -> logSoftmaxBackward(width, at(y, i), at(dy, i), at(dx, i), accumulate));
  }

  private static void logSoftmaxBackward(int n, long y, long dy, long dx, boolean add) {
    float sum = (float) RowMath.sum(dy, n);
    int whole = Tails.whole(n);
    ExponentialLoops.logSoftmax(sum, whole, y, dy, dx, add);
    if (whole < n) {
      long to = Tails.in(2, dx, n);
      ExponentialLoops.logSoftmax(sum, Lanes.N, Tails.in(0, y, n), Tails.in(1, dy, n), to, add);
      Tails.out(2, dx, n);
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
