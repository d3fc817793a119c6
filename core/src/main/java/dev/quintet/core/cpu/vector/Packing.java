package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.lane.Lanes.F;
import static dev.quintet.core.cpu.lane.Lanes.N;
import static dev.quintet.core.cpu.lane.Lanes.ORDER;
import static dev.quintet.core.cpu.vector.RegisterBlock.COLUMNS;
import static dev.quintet.core.cpu.vector.RegisterBlock.ROWS;

import dev.quintet.core.cpu.lane.Lanes;
import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Brings the operands of a matrix product into the order in which [RegisterBlock] reads them.
public final class Packing {
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

  /// Copies `depth` rows of `columns` elements, each to [#columnStep] elements after the one before.
  static void columns(long from, int step, int columns, int depth, float[] to) {
    MemorySegment source = Native.floats(from, (depth - 1L) * step + columns);
    int apart = columnStep(columns);
    int whole = columns / N * N;
    for (int k = 0; k < depth; k++) {
      long i = (long) k * step;
      int at = k * apart;
      for (int j = 0; j < whole; j += N) {
        FloatVector.fromMemorySegment(F, source, 4 * (i + j), ORDER).intoArray(to, at + j);
      }
    }
    if (whole < columns) {
      VectorMask<Float> mask = Lanes.first(columns - whole);
      for (int k = 0; k < depth; k++) {
        FloatVector.fromMemorySegment(F, source, 4 * ((long) k * step + whole), ORDER, mask)
            .intoArray(to, k * apart + whole);
      }
    }
  }

  /// The elements between columns of A: an odd number of cache lines, so that they fall into different sets.
  static int columnStep(int rows) {
    return 16 * ((rows + 15) / 16 | 1);
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
  public static void transposed(long from, int step, int depth, int columns, long to) {
    for (int j = 0; j < columns; j += COLUMNS) {
      int width = Math.min(COLUMNS, columns - j);
      long target = Native.at(to, (long) j * depth);
      if (width < COLUMNS) {
        Native.floats(target, (long) COLUMNS * depth).fill((byte) 0);
      }
      for (int x = 0; x < width; x += N) {
        long source = Native.at(from, (long) (j + x) * step);
        Transposition.rows(source, step, Math.min(N, width - x), depth, Native.at(target, x));
      }
    }
  }
}
