package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.work.Native.at;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.quintet.core.backend.ReductionKernels;
import dev.quintet.core.cpu.lane.ColumnLoops;
import dev.quintet.core.cpu.lane.Lanes;
import dev.quintet.core.cpu.lane.RowMath;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.WorkerPool;
import dev.quintet.core.cpu.work.Workspace;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Reductions on vectors: along rows with [RowMath], down columns with [ColumnLoops].
public final class VectorReduction implements ReductionKernels {
  /// Up to this k a row's best are kept in order by insertion; beyond, the row is sorted.
  private static final int INSERTION = 256;

  @Override
  public void reduce(Reduction op, long outer, int axis, long inner, long x, long y) {
    if (inner == 1 && axis > 2 * Cuts.PART && outer < 16) {
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

  private static int argMax(long address, int n) {
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

  @Override
  public void topK(long outer, int axis, int k, long x, long values, long indices) {
    if (k < 0 || k > axis) {
      throw new IllegalArgumentException("topK: " + k + " of " + axis + " elements");
    }
    if (k == 0) {
      return;
    }
    Cuts.items(
        outer,
        axis,
        (from, n) -> {
          for (long row = from; row < from + n; row++) {
            topK(axis, k, at(x, row * axis), at(values, row * k), at(indices, row * k));
          }
        });
  }

  /// Best first means smallest key first: the upper half falls as the value grows, the lower is the place.
  private static void topK(int axis, int k, long address, long values, long indices) {
    MemorySegment x = Native.floats(address, axis);
    long[] keys = Workspace.longs(axis);
    if (k > INSERTION) {
      for (int i = 0; i < axis; i++) {
        keys[i] = key(x.getAtIndex(JAVA_FLOAT_UNALIGNED, i), i);
      }
      Arrays.sort(keys, 0, axis);
    } else {
      insert(x, axis, k, keys);
    }
    MemorySegment v = Native.floats(values, k);
    MemorySegment p = Native.floats(indices, k);
    for (int i = 0; i < k; i++) {
      int place = (int) keys[i];
      v.setAtIndex(JAVA_FLOAT_UNALIGNED, i, x.getAtIndex(JAVA_FLOAT_UNALIGNED, place));
      p.setAtIndex(JAVA_INT_UNALIGNED, i, place);
    }
  }

  private static void insert(MemorySegment x, int axis, int k, long[] keys) {
    int held = 0;
    for (int i = 0; i < axis; i++) {
      long key = key(x.getAtIndex(JAVA_FLOAT_UNALIGNED, i), i);
      if (held == k && key > keys[k - 1]) {
        continue;
      }
      int place = held < k ? held++ : k - 1;
      while (place > 0 && keys[place - 1] > key) {
        keys[place] = keys[place - 1];
        place--;
      }
      keys[place] = key;
    }
  }

  private static long key(float value, int place) {
    int bits = Float.floatToIntBits(value + 0f); // +0 makes -0 equal to 0
    int ascending = bits ^ (bits >> 31 & Integer.MAX_VALUE);
    return (long) ~ascending << 32 | place;
  }

  @Override
  public void cumulativeSum(long outer, int axis, long inner, boolean reverse, long x, long y) {
    long blocks = (inner + ColumnLoops.BLOCK - 1) / ColumnLoops.BLOCK;
    Cuts.items(
        outer * blocks,
        axis * Math.min(inner, ColumnLoops.BLOCK),
        (from, n) -> {
          for (long item = from; item < from + n; item++) {
            long column = item % blocks * ColumnLoops.BLOCK;
            long start = item / blocks * axis * inner + column;
            int columns = (int) Math.min(ColumnLoops.BLOCK, inner - column);
            ColumnLoops.cumulativeSum(axis, inner, columns, reverse, at(x, start), at(y, start));
          }
        });
  }
}
