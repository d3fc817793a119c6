package dev.quintet.core.cpu.lane;

import static dev.quintet.core.cpu.lane.Lanes.all;
import static dev.quintet.core.cpu.lane.Lanes.first;
import static dev.quintet.core.cpu.lane.Lanes.load;
import static dev.quintet.core.cpu.lane.Lanes.store;
import static dev.quintet.core.cpu.lane.Lanes.zero;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.quintet.core.backend.ReductionKernels.Reduction;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.Workspace;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.jspecify.annotations.Nullable;

/// Reductions of a block of columns, row after row.
public final class ColumnLoops {
  /// The most columns of a block.
  public static final int BLOCK = 128;

  /// Rows that are summed in float32 before the sums go on in float64.
  private static final int CHUNK = 64;

  private ColumnLoops() {}

  /// Reduces `rows` rows, `stride` elements apart, of `columns` columns.
  public static void reduce(Reduction op, long x, int rows, long stride, int columns, long y) {
    switch (op) {
      case SUM -> sum(x, rows, stride, columns, y);
      case MAX -> extreme(true, x, rows, stride, columns, y);
      case MIN -> extreme(false, x, rows, stride, columns, y);
    }
  }

  private static void sum(long x, int rows, long stride, int columns, long y) {
    if (rows <= CHUNK) {
      sumChunk(x, rows, stride, columns, y, null);
      return;
    }
    double[] total = Workspace.doubles(Workspace.PART, BLOCK);
    Arrays.fill(total, 0, columns, 0);
    float[] chunk = Workspace.floats(Workspace.PART, BLOCK + Lanes.N);
    for (int from = 0; from < rows; from += CHUNK) {
      int count = Math.min(CHUNK, rows - from);
      sumChunk(Native.at(x, from * stride), count, stride, columns, y, chunk);
      for (int c = 0; c < columns; c++) {
        total[c] += chunk[c];
      }
    }
    MemorySegment to = Native.floats(y, columns);
    for (int c = 0; c < columns; c++) {
      to.setAtIndex(JAVA_FLOAT_UNALIGNED, c, (float) total[c]);
    }
  }

  /// Sums of columns, stored at `y`, or in `chunk` when there is one.
  private static void sumChunk(
      long from, int rows, long stride, int columns, long y, float @Nullable [] chunk) {
    MemorySegment x = Native.floats(from, rows == 0 ? 0 : (rows - 1) * stride + columns);
    int c = 0;
    for (; c <= columns - 4 * Lanes.N; c += 4 * Lanes.N) {
      FloatVector s = zero();
      FloatVector t = s;
      FloatVector u = s;
      FloatVector v = s;
      for (int r = 0; r < rows; r++) {
        long i = r * stride + c;
        s = s.add(load(x, i));
        t = t.add(load(x, i + Lanes.N));
        u = u.add(load(x, i + 2 * Lanes.N));
        v = v.add(load(x, i + 3 * Lanes.N));
      }
      keep(s, y, c, columns, chunk);
      keep(t, y, c + Lanes.N, columns, chunk);
      keep(u, y, c + 2 * Lanes.N, columns, chunk);
      keep(v, y, c + 3 * Lanes.N, columns, chunk);
    }
    for (; c < columns; c += Lanes.N) {
      VectorMask<Float> m = first(Math.min(Lanes.N, columns - c));
      FloatVector s = zero();
      for (int r = 0; r < rows; r++) {
        s = s.add(load(x, r * stride + c, m));
      }
      keep(s, y, c, columns, chunk);
    }
  }

  private static void keep(FloatVector v, long y, int c, int columns, float @Nullable [] chunk) {
    if (chunk != null) {
      v.intoArray(chunk, c);
    } else {
      store(v, Native.floats(y, columns), c, first(Math.min(Lanes.N, columns - c)));
    }
  }

  private static void extreme(
      boolean largest, long from, int rows, long stride, int columns, long y) {
    MemorySegment x = Native.floats(from, rows == 0 ? 0 : (rows - 1) * stride + columns);
    MemorySegment to = Native.floats(y, columns);
    for (int c = 0; c < columns; c += Lanes.N) {
      VectorMask<Float> m = first(Math.min(Lanes.N, columns - c));
      if (largest) {
        FloatVector v = all(Float.NEGATIVE_INFINITY);
        for (int r = 0; r < rows; r++) {
          v = v.max(load(x, r * stride + c, m));
        }
        store(v, to, c, m);
      } else {
        FloatVector v = all(Float.POSITIVE_INFINITY);
        for (int r = 0; r < rows; r++) {
          v = v.min(load(x, r * stride + c, m));
        }
        store(v, to, c, m);
      }
    }
  }
}
