package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.lane.Lanes.all;
import static dev.quintet.core.cpu.lane.Lanes.load;
import static dev.quintet.core.cpu.lane.Lanes.store;

import dev.quintet.core.cpu.lane.ExponentialLoops;
import dev.quintet.core.cpu.lane.Lanes;
import dev.quintet.core.cpu.lane.RowMath;
import dev.quintet.core.cpu.lane.Tails;
import dev.quintet.core.cpu.lane.UnaryBackwardLoops;
import dev.quintet.core.cpu.lane.UnaryLoops;
import dev.quintet.core.cpu.scalar.ScalarSoftmax;
import dev.quintet.core.cpu.work.EarlyForms;
import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Softmax of rows on vectors.
public final class VectorSoftmax extends ScalarSoftmax {
  private final EarlyForms early;

  /// The kernels that take their early forms for narrow rows.
  public VectorSoftmax(EarlyForms early) {
    this.early = early;
  }

  private boolean narrow(int n) {
    return early.always(n < EarlyForms.WIDE);
  }

  @Override
  protected void softmax(int n, long x, long y) {
    if (narrow(n)) {
      super.softmax(n, x, y);
      return;
    }
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
  protected void softmaxBackward(int n, long y, long dy, long dx, boolean add) {
    if (narrow(n)) {
      super.softmaxBackward(n, y, dy, dx, add);
      return;
    }
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
  protected void logSoftmax(int n, long x, long y) {
    if (narrow(n)) {
      super.logSoftmax(n, x, y);
      return;
    }
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
  protected void logSoftmaxBackward(int n, long y, long dy, long dx, boolean add) {
    if (narrow(n)) {
      super.logSoftmaxBackward(n, y, dy, dx, add);
      return;
    }
    float sum = (float) RowMath.sum(dy, n);
    int whole = Tails.whole(n);
    ExponentialLoops.logSoftmax(sum, whole, y, dy, dx, add);
    if (whole < n) {
      long to = Tails.in(2, dx, n);
      ExponentialLoops.logSoftmax(sum, Lanes.N, Tails.in(0, y, n), Tails.in(1, dy, n), to, add);
      Tails.out(2, dx, n);
    }
  }
}
