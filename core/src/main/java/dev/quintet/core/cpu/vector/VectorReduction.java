package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.work.Native.at;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.quintet.core.cpu.lane.ColumnLoops;
import dev.quintet.core.cpu.lane.Lanes;
import dev.quintet.core.cpu.lane.RowMath;
import dev.quintet.core.cpu.scalar.ScalarReduction;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.EarlyForms;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.WorkerPool;
import dev.quintet.core.cpu.work.Workspace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Reductions on vectors where these are faster: along rows with [RowMath], down columns with [ColumnLoops].
public final class VectorReduction extends ScalarReduction {
  private final EarlyForms early;

  /// The kernels that take their early forms for narrow rows.
  public VectorReduction(EarlyForms early) {
    this.early = early;
  }

  @Override
  public void reduce(Reduction op, long outer, int axis, long inner, long x, long y) {
    if (early.always((inner > 1 ? inner : axis) < EarlyForms.WIDE)) {
      super.reduce(op, outer, axis, inner, x, y);
    } else if (inner == 1 && axis > 2 * Cuts.PART && outer < 16) {
      for (long row = 0; row < outer; row++) {
        reduceLong(op, axis, at(x, row * axis), at(y, row));
      }
    } else if (inner == 1) {
      Cuts.items(
          outer,
          Math.max(1, axis),
          (from, n) -> {
            MemorySegment to = Native.floats(at(y, from), n);
            for (int i = 0; i < n; i++) {
              float value = (float) reduceRow(op, at(x, (from + i) * axis), axis);
              to.setAtIndex(JAVA_FLOAT_UNALIGNED, i, value);
            }
          });
    } else if (inner > 1) {
      long blocks = (inner + ColumnLoops.BLOCK - 1) / ColumnLoops.BLOCK;
      Cuts.items(
          outer * blocks,
          Math.max(1, axis) * Math.min(inner, ColumnLoops.BLOCK),
          (from, n) -> {
            for (long item = from; item < from + n; item++) {
              long column = item % blocks * ColumnLoops.BLOCK;
              long row = item / blocks;
              ColumnLoops.reduce(
                  op,
                  at(x, row * axis * inner + column),
                  axis,
                  inner,
                  (int) Math.min(ColumnLoops.BLOCK, inner - column),
                  at(y, row * inner + column));
            }
          });
    }
  }

  private static double reduceRow(Reduction op, long x, int n) {
    return switch (op) {
      case SUM -> RowMath.sum(x, n);
      case MAX -> RowMath.max(x, n);
      case MIN -> RowMath.min(x, n);
    };
  }

  /// One long row: the results of fixed parts, put together in order.
  private static void reduceLong(Reduction op, int axis, long x, long y) {
    int parts = (axis + Cuts.PART - 1) / Cuts.PART;
    double[] results = Workspace.doubles(Workspace.CALL, parts);
    WorkerPool.shared()
        .run(
            parts,
            part -> {
              int from = part * Cuts.PART;
              results[part] = reduceRow(op, at(x, from), Math.min(Cuts.PART, axis - from));
            });
    double result = results[0];
    for (int i = 1; i < parts; i++) {
      result =
          switch (op) {
            case SUM -> result + results[i];
            case MAX -> Math.max(result, results[i]);
            case MIN -> Math.min(result, results[i]);
          };
    }
    Native.floats(y, 1).set(JAVA_FLOAT_UNALIGNED, 0, (float) result);
  }

  @Override
  public void argMax(long outer, int axis, long x, long indices) {
    if (early.always(axis < EarlyForms.WIDE)) {
      super.argMax(outer, axis, x, indices);
      return;
    }
    Cuts.items(
        outer,
        axis,
        (from, n) -> {
          MemorySegment to = Native.floats(at(indices, from), n);
          for (int i = 0; i < n; i++) {
            to.setAtIndex(JAVA_INT_UNALIGNED, i, argMax(at(x, (from + i) * axis), axis));
          }
        });
  }

  /// The place of the first of the largest of `n` elements, or of the first NaN.
  public static int argMax(long address, int n) {
    float largest = RowMath.max(address, n);
    MemorySegment x = Native.floats(address, n);
    boolean nan = Float.isNaN(largest);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      var v = Lanes.load(x, i);
      VectorMask<Float> found =
          nan ? v.compare(VectorOperators.NE, v) : v.compare(VectorOperators.EQ, largest);
      if (found.anyTrue()) {
        return i + found.firstTrue();
      }
    }
    for (; i < n; i++) {
      float v = x.getAtIndex(JAVA_FLOAT_UNALIGNED, i);
      if (nan ? Float.isNaN(v) : v == largest) {
        return i;
      }
    }
    return 0;
  }
}
