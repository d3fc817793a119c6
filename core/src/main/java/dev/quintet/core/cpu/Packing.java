package dev.quintet.core.cpu;

import static dev.quintet.core.cpu.Lanes.N;
import static dev.quintet.core.cpu.Lanes.ORDER;
import static dev.quintet.core.cpu.RegisterBlock.COLUMNS;
import static dev.quintet.core.cpu.RegisterBlock.ROWS;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// Brings the operands of a matrix product into the order in which [RegisterBlock] reads them.
final class Packing {
  private static final VectorSpecies<Float> EIGHT = FloatVector.SPECIES_256;
  private static final VectorShuffle<Float> SWAP_4 = swap(4);
  private static final VectorShuffle<Float> SWAP_2 = swap(2);
  private static final VectorShuffle<Float> SWAP_1 = swap(1);
  private static final VectorMask<Float> UPPER_4 = upper(4);
  private static final VectorMask<Float> UPPER_2 = upper(2);
  private static final VectorMask<Float> UPPER_1 = upper(1);

  private static final VectorMask<Float> LOWER_HALF = Lanes.first(ROWS);
  private static final VectorMask<Float> UPPER_HALF = LOWER_HALF.not();

  private Packing() {}

  /// Copies `rows` rows of `depth` elements next to each other, and zeros up to a whole block of rows.
  static void rows(long from, int step, int rows, int depth, float[] to) {
    if (step == depth) {
      copyRow(Native.floats(from, (long) rows * depth), rows * depth, to, 0);
    } else {
      for (int r = 0; r < rows; r++) {
        copyRow(Native.floats(Native.at(from, (long) r * step), depth), depth, to, r * depth);
      }
    }
    int whole = (rows + ROWS - 1) / ROWS * ROWS;
    for (int i = rows * depth; i < whole * depth; i++) {
      to[i] = 0;
    }
  }

  private static void copyRow(MemorySegment from, int count, float[] to, int at) {
    int i = 0;
    for (; i <= count - N; i += N) {
      Lanes.load(from, i).intoArray(to, at + i);
    }
    if (i < count) {
      VectorMask<Float> mask = Lanes.first(count - i);
      Lanes.load(from, i, mask).intoArray(to, at + i, mask);
    }
  }

  /// Packs `rows` columns of [depth, step] as panels of [RegisterBlock#ROWS] rows of op(A), the last filled up with
  /// zeros.
  static void columns(long from, int step, int rows, int depth, float[] to) {
    int pairs = rows / N;
    int panel = ROWS * depth;
    MemorySegment source = Native.floats(from, (depth - 1L) * step + rows);
    for (int k = 0; k < depth; k++) {
      long i = 4L * k * step;
      int at = k * ROWS;
      // A vector holds a row of two panels. Vectors of half its size would do, but where two sizes
      // meet,
      // calls of the Vector API have two receivers, and vectors become objects.
      for (int q = 0; q < pairs; q++) {
        FloatVector v = FloatVector.fromMemorySegment(Lanes.F, source, i + 4L * N * q, ORDER);
        v.intoArray(to, at + 2 * q * panel, LOWER_HALF);
        v.intoArray(to, at + (2 * q + 1) * panel - ROWS, UPPER_HALF);
      }
    }
    if (pairs * N < rows) {
      columnsRest(from, step, pairs * N, rows, depth, to);
    }
  }

  private static void columnsRest(long from, int step, int done, int rows, int depth, float[] to) {
    MemorySegment source = Native.floats(from, (depth - 1L) * step + rows);
    VectorMask<Float> rest = Lanes.F.indexInRange(0, rows - done);
    boolean both = rows - done > ROWS;
    for (int k = 0; k < depth; k++) {
      long i = 4L * ((long) k * step + done);
      int at = done * depth + k * ROWS;
      FloatVector v = FloatVector.fromMemorySegment(Lanes.F, source, i, ORDER, rest);
      v.intoArray(to, at, LOWER_HALF);
      if (both) {
        v.intoArray(to, at + ROWS * depth - ROWS, UPPER_HALF);
      }
    }
  }

  /// Packs rows [depth, columns] of B as panels of [RegisterBlock#COLUMNS] columns, the last filled up with zeros.
  static void straight(long from, int step, int depth, int columns, long to) {
    for (int j = 0; j < columns; j += COLUMNS) {
      int width = Math.min(COLUMNS, columns - j);
      long source = Native.at(from, j);
      long target = Native.at(to, (long) j * depth);
      if (width == COLUMNS) {
        straightPanel(source, step, depth, target);
      } else {
        straightTail(source, step, depth, width, target);
      }
    }
  }

  private static void straightPanel(long from, int step, int depth, long to) {
    MemorySegment source = Native.floats(from, (long) (depth - 1) * step + COLUMNS);
    MemorySegment target = Native.floats(to, (long) depth * COLUMNS);
    for (int k = 0; k < depth; k++) {
      long i = (long) k * step;
      long o = (long) k * COLUMNS;
      Lanes.store(Lanes.load(source, i), target, o);
      Lanes.store(Lanes.load(source, i + N), target, o + N);
    }
  }

  private static void straightTail(long from, int step, int depth, int width, long to) {
    VectorMask<Float> left = Lanes.first(Math.min(N, width));
    VectorMask<Float> right = Lanes.first(Math.max(0, width - N));
    MemorySegment target = Native.floats(to, (long) depth * COLUMNS);
    for (int k = 0; k < depth; k++) {
      MemorySegment row = Native.floats(Native.at(from, (long) k * step), width);
      long o = (long) k * COLUMNS;
      Lanes.store(Lanes.load(row, 0, left), target, o);
      Lanes.store(width > N ? Lanes.load(row, N, right) : Lanes.zero(), target, o + N);
    }
  }

  /// As the other, from rows that lie next to each other in an array.
  static void straight(float[] from, int depth, int columns, long to) {
    for (int j = 0; j < columns; j += COLUMNS) {
      int width = Math.min(COLUMNS, columns - j);
      MemorySegment target = Native.floats(Native.at(to, (long) j * depth), (long) depth * COLUMNS);
      VectorMask<Float> left = Lanes.first(Math.min(N, width));
      VectorMask<Float> right = Lanes.first(Math.max(0, width - N));
      for (int k = 0; k < depth; k++) {
        int i = k * columns + j;
        Lanes.store(FloatVector.fromArray(Lanes.F, from, i, left), target, (long) k * COLUMNS);
        Lanes.store(
            width > N ? FloatVector.fromArray(Lanes.F, from, i + N, right) : Lanes.zero(),
            target,
            (long) k * COLUMNS + N);
      }
    }
  }

  /// Packs B that is stored [columns, depth], as weights are, into the same panels.
  static void transposed(long from, int step, int depth, int columns, long to) {
    for (int j = 0; j < columns; j += COLUMNS) {
      int width = Math.min(COLUMNS, columns - j);
      long target = Native.at(to, (long) j * depth);
      if (width < COLUMNS) {
        Native.floats(target, (long) COLUMNS * depth).fill((byte) 0);
      }
      for (int x = 0; x < width; x += 8) {
        long source = Native.at(from, (long) (j + x) * step);
        int rows = Math.min(8, width - x);
        int whole = rows == 8 ? depth & ~7 : 0;
        transposeEight(source, step, whole, Native.at(target, x));
        transposeRest(source, step, rows, whole, depth, Native.at(target, x));
      }
    }
  }

  private static void transposeRest(long from, int step, int rows, int first, int depth, long to) {
    if (first == depth) {
      return;
    }
    MemorySegment target = Native.floats(to, (long) (depth - 1) * COLUMNS + rows);
    for (int r = 0; r < rows; r++) {
      MemorySegment row = Native.floats(Native.at(from, (long) r * step), depth);
      for (int k = first; k < depth; k++) {
        target.setAtIndex(
            java.lang.foreign.ValueLayout.JAVA_FLOAT,
            (long) k * COLUMNS,
            row.getAtIndex(java.lang.foreign.ValueLayout.JAVA_FLOAT, k));
      }
      target = r + 1 < rows ? target.asSlice(4) : target;
    }
  }

  /// Transposes eight rows in blocks of 8 x 8: blocks of 4, 2 and 1 are swapped in registers (Eklundh 1972).
  private static void transposeEight(long from, int step, int depth, long to) {
    if (depth == 0) {
      return;
    }
    MemorySegment source = Native.floats(from, 7L * step + depth);
    MemorySegment target = Native.floats(to, (long) (depth - 1) * COLUMNS + 8);
    long s = 4L * step;
    for (int k = 0; k < depth; k += 8) {
      long i = 4L * k;
      FloatVector r0 = FloatVector.fromMemorySegment(EIGHT, source, i, ORDER);
      FloatVector r1 = FloatVector.fromMemorySegment(EIGHT, source, i + s, ORDER);
      FloatVector r2 = FloatVector.fromMemorySegment(EIGHT, source, i + 2 * s, ORDER);
      FloatVector r3 = FloatVector.fromMemorySegment(EIGHT, source, i + 3 * s, ORDER);
      FloatVector r4 = FloatVector.fromMemorySegment(EIGHT, source, i + 4 * s, ORDER);
      FloatVector r5 = FloatVector.fromMemorySegment(EIGHT, source, i + 5 * s, ORDER);
      FloatVector r6 = FloatVector.fromMemorySegment(EIGHT, source, i + 6 * s, ORDER);
      FloatVector r7 = FloatVector.fromMemorySegment(EIGHT, source, i + 7 * s, ORDER);

      FloatVector p0 = r0.blend(r4.rearrange(SWAP_4), UPPER_4);
      FloatVector p1 = r1.blend(r5.rearrange(SWAP_4), UPPER_4);
      FloatVector p2 = r2.blend(r6.rearrange(SWAP_4), UPPER_4);
      FloatVector p3 = r3.blend(r7.rearrange(SWAP_4), UPPER_4);
      FloatVector p4 = r0.rearrange(SWAP_4).blend(r4, UPPER_4);
      FloatVector p5 = r1.rearrange(SWAP_4).blend(r5, UPPER_4);
      FloatVector p6 = r2.rearrange(SWAP_4).blend(r6, UPPER_4);
      FloatVector p7 = r3.rearrange(SWAP_4).blend(r7, UPPER_4);

      FloatVector q0 = p0.blend(p2.rearrange(SWAP_2), UPPER_2);
      FloatVector q1 = p1.blend(p3.rearrange(SWAP_2), UPPER_2);
      FloatVector q2 = p0.rearrange(SWAP_2).blend(p2, UPPER_2);
      FloatVector q3 = p1.rearrange(SWAP_2).blend(p3, UPPER_2);
      FloatVector q4 = p4.blend(p6.rearrange(SWAP_2), UPPER_2);
      FloatVector q5 = p5.blend(p7.rearrange(SWAP_2), UPPER_2);
      FloatVector q6 = p4.rearrange(SWAP_2).blend(p6, UPPER_2);
      FloatVector q7 = p5.rearrange(SWAP_2).blend(p7, UPPER_2);

      long o = 4L * k * COLUMNS;
      long t = 4L * COLUMNS;
      q0.blend(q1.rearrange(SWAP_1), UPPER_1).intoMemorySegment(target, o, ORDER);
      q0.rearrange(SWAP_1).blend(q1, UPPER_1).intoMemorySegment(target, o + t, ORDER);
      q2.blend(q3.rearrange(SWAP_1), UPPER_1).intoMemorySegment(target, o + 2 * t, ORDER);
      q2.rearrange(SWAP_1).blend(q3, UPPER_1).intoMemorySegment(target, o + 3 * t, ORDER);
      q4.blend(q5.rearrange(SWAP_1), UPPER_1).intoMemorySegment(target, o + 4 * t, ORDER);
      q4.rearrange(SWAP_1).blend(q5, UPPER_1).intoMemorySegment(target, o + 5 * t, ORDER);
      q6.blend(q7.rearrange(SWAP_1), UPPER_1).intoMemorySegment(target, o + 6 * t, ORDER);
      q6.rearrange(SWAP_1).blend(q7, UPPER_1).intoMemorySegment(target, o + 7 * t, ORDER);
    }
  }

  private static VectorShuffle<Float> swap(int by) {
    return VectorShuffle.fromOp(EIGHT, i -> i ^ by);
  }

  private static VectorMask<Float> upper(int bit) {
    long bits = 0;
    for (int i = 0; i < 8; i++) {
      bits |= (i & bit) != 0 ? 1L << i : 0;
    }
    return VectorMask.fromLong(EIGHT, bits);
  }
}
