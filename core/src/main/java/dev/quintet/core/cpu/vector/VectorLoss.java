package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.work.Native.at;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.quintet.core.backend.LossKernels;
import dev.quintet.core.cpu.lane.ExponentialLoops;
import dev.quintet.core.cpu.lane.Lanes;
import dev.quintet.core.cpu.lane.RowMath;
import dev.quintet.core.cpu.lane.Tails;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.MemorySegment;

/// Cross entropy on vectors: a row of logits is read from memory once each way.
public final class VectorLoss implements LossKernels {

  @Override
  public void crossEntropy(
      long rows,
      int width,
      int ignore,
      float smoothing,
      long logits,
      long labels,
      long losses,
      long logSumExp) {
    checkLabels(rows, width, ignore, labels);
    Cuts.items(
        rows,
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
            if (target != ignore) {
              value = log - read(row, target);
              if (smoothing > 0) {
                double even = log - RowMath.sum(row, width) / width;
                value = (1.0 - smoothing) * value + smoothing * even;
              }
            }
            loss.setAtIndex(JAVA_FLOAT_UNALIGNED, i, (float) value);
          }
        });
  }

  @Override
  public void crossEntropyBackward(
      long rows,
      int width,
      int ignore,
      float smoothing,
      long logits,
      long labels,
      long logSumExp,
      long dLosses,
      long dLogits,
      boolean accumulate) {
    checkLabels(rows, width, ignore, labels);
    Cuts.items(
        rows,
        width,
        (first, n) -> {
          MemorySegment label = Native.floats(at(labels, first), n);
          MemorySegment lse = Native.floats(at(logSumExp, first), n);
          MemorySegment gradient = Native.floats(at(dLosses, first), n);
          for (int i = 0; i < n; i++) {
            long element = (first + i) * width;
            long to = at(dLogits, element);
            int target = label.getAtIndex(JAVA_INT_UNALIGNED, i);
            if (target != ignore) {
              float g = gradient.getAtIndex(JAVA_FLOAT_UNALIGNED, i);
              float log = lse.getAtIndex(JAVA_FLOAT_UNALIGNED, i);
              long from = at(logits, element);
              MemorySegment row = Native.floats(to, width);
              double p = StrictMath.exp(read(from, target) - log);
              float d = (float) (g * (p - (double) smoothing / width - (1.0 - smoothing)));
              d = accumulate ? row.getAtIndex(JAVA_FLOAT_UNALIGNED, target) + d : d;
              backward(log, g, g * smoothing / width, width, from, to, accumulate);
              row.setAtIndex(JAVA_FLOAT_UNALIGNED, target, d);
            } else if (!accumulate) {
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

  private static void checkLabels(long rows, int width, int ignore, long labels) {
    MemorySegment all = Native.floats(labels, rows);
    for (long row = 0; row < rows; row++) {
      int label = all.getAtIndex(JAVA_INT_UNALIGNED, row);
      if (label != ignore && (label < 0 || label >= width)) {
        throw new IndexOutOfBoundsException(
            "crossEntropy: label "
                + label
                + " of row "
                + row
                + " is outside a vocabulary of "
                + width
                + " and is not the ignored "
                + ignore);
      }
    }
  }
}
