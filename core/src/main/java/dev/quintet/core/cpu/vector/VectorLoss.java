package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.work.Native.at;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.LossCall;
import dev.quintet.core.cpu.lane.ExponentialLoops;
import dev.quintet.core.cpu.lane.Lanes;
import dev.quintet.core.cpu.lane.RowMath;
import dev.quintet.core.cpu.lane.Tails;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.LossRows;
import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.MemorySegment;

/// Cross entropy on vectors: a row of logits is read from memory once each way.
public final class VectorLoss implements LossRows {

  @Override
  public void forward(LossCall call, long logits, long labels, long losses, long logSumExp) {
    int width = call.width();
    Cuts.items(
        call.rows(),
        width,
        (from, n) -> {
          MemorySegment label = Native.floats(at(labels, from), n);
          MemorySegment loss = Native.floats(at(losses, from), n);
          MemorySegment lse = Native.floats(at(logSumExp, from), n);
          for (int i = 0; i < n; i++) {
            long row = at(logits, (from + i) * width);
            float max = RowMath.max(row, width);
            double log = max + StrictMath.log(RowMath.sumOfExponentials(max, row, width));
            lse.setAtIndex(JAVA_FLOAT_UNALIGNED, i, (float) log);
            int target = label.getAtIndex(JAVA_INT_UNALIGNED, i);
            double value = 0;
            if (target != call.ignore()) {
              value = log - read(row, target);
              if (call.smoothing() > 0) {
                double even = log - RowMath.sum(row, width) / width;
                value = (1.0 - call.smoothing()) * value + call.smoothing() * even;
              }
              if (call.zLoss() > 0) {
                value += call.zLoss() * log * log;
              }
            }
            loss.setAtIndex(JAVA_FLOAT_UNALIGNED, i, (float) value);
          }
        });
  }

  @Override
  public void backward(
      LossCall call, float dLoss, long logits, long labels, long logSumExp, Gradient dLogits) {
    int width = call.width();
    double even = (double) call.smoothing() / width;
    boolean add = dLogits.add();
    Cuts.items(
        call.rows(),
        width,
        (first, n) -> {
          MemorySegment label = Native.floats(at(labels, first), n);
          MemorySegment lse = Native.floats(at(logSumExp, first), n);
          for (int i = 0; i < n; i++) {
            long element = (first + i) * width;
            long to = at(dLogits.address(), element);
            int target = label.getAtIndex(JAVA_INT_UNALIGNED, i);
            if (target != call.ignore()) {
              float log = lse.getAtIndex(JAVA_FLOAT_UNALIGNED, i);
              float spread = call.zLoss() > 0 ? 1 + 2 * call.zLoss() * log : 1;
              long from = at(logits, element);
              MemorySegment row = Native.floats(to, width);
              double p = spread * StrictMath.exp(read(from, target) - log);
              float d = (float) (dLoss * (p - even - (1.0 - call.smoothing())));
              d = add ? row.getAtIndex(JAVA_FLOAT_UNALIGNED, target) + d : d;
              float less = dLoss * call.smoothing() / width;
              backward(log, spread * dLoss, less, width, from, to, add);
              row.setAtIndex(JAVA_FLOAT_UNALIGNED, target, d);
            } else if (!add) {
              VectorLayout.fill(0, to, width);
            }
          }
        });
  }

  /// d = g e^(z - log) - even, stored or added.
  private static void backward(float log, float g, float even, int n, long z, long d, boolean add) {
    int whole = Tails.whole(n);
    ExponentialLoops.loss(log, g, even, whole, z, d, add);
    if (whole < n) {
      long to = Tails.in(1, d, n);
      ExponentialLoops.loss(log, g, even, Lanes.N, Tails.in(0, z, n), to, add);
      Tails.out(1, d, n);
    }
  }

  private static double read(long row, int element) {
    return Native.floats(at(row, element), 1).get(JAVA_FLOAT_UNALIGNED, 0);
  }
}
