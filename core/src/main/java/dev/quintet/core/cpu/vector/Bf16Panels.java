package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.lane.Lanes.F;
import static dev.quintet.core.cpu.lane.Lanes.I;
import static dev.quintet.core.cpu.lane.Lanes.N;
import static dev.quintet.core.cpu.lane.Lanes.ORDER;

import dev.quintet.core.backend.StoredMatrix;
import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Sums of x times bfloat16 numbers of [StoredMatrix]'s panels, for a few rows of x, along k one by one.
///
/// As [Int8Panels]; a vector of pairs becomes its two vectors by a shift and a mask (1.4 ms for 38 million weights, at the
/// speed of memory; 2.1 where shorts are widened).
final class Bf16Panels {
  private static final int PANEL = StoredMatrix.PANEL;
  private static final int HALF = PANEL / 2;

  /// Bytes of a column of a panel.
  private static final int BYTES = 2 * PANEL;

  private static final int UPPER = 0xffff0000;

  private Bf16Panels() {}

  /// One row of x by two vectors of the rows of two panels each.
  static void one(int depth, float[] x, int at, long w, long v, float[] sums, int to) {
    MemorySegment ws = Native.bytes(w, (depth - 1L) * BYTES + 4 * N);
    MemorySegment vs = Native.bytes(v, (depth - 1L) * BYTES + 4 * N);
    IntVector upper = IntVector.broadcast(I, UPPER);
    FloatVector c00 = FloatVector.zero(F), c01 = c00, c10 = c00, c11 = c00;
    for (int k = 0; k < depth; k++) {
      long o = (long) k * BYTES;
      FloatVector a = FloatVector.broadcast(F, x[at + k]);
      IntVector pairs = IntVector.fromMemorySegment(I, ws, o, ORDER);
      c00 = a.fma(pairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), c00);
      c01 = a.fma(pairs.and(upper).reinterpretAsFloats(), c01);
      pairs = IntVector.fromMemorySegment(I, vs, o, ORDER);
      c10 = a.fma(pairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), c10);
      c11 = a.fma(pairs.and(upper).reinterpretAsFloats(), c11);
    }
    c00.intoArray(sums, to);
    c01.intoArray(sums, to + HALF);
    to += PANEL;
    c10.intoArray(sums, to);
    c11.intoArray(sums, to + HALF);
  }

  /// Two rows of x by two vectors of a panel's rows.
  static void two(int depth, float[] x, int at, int step, long w, float[] sums, int to) {
    MemorySegment ws = Native.bytes(w, (depth - 1L) * BYTES + 4 * N);
    IntVector upper = IntVector.broadcast(I, UPPER);
    FloatVector c00 = FloatVector.zero(F), c01 = c00, c10 = c00, c11 = c00;
    int a1 = at + step;
    for (int k = 0; k < depth; k++) {
      IntVector pairs = IntVector.fromMemorySegment(I, ws, (long) k * BYTES, ORDER);
      FloatVector w0 = pairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
      FloatVector w1 = pairs.and(upper).reinterpretAsFloats();
      FloatVector v = FloatVector.broadcast(F, x[at + k]);
      c00 = v.fma(w0, c00);
      c01 = v.fma(w1, c01);
      v = FloatVector.broadcast(F, x[a1 + k]);
      c10 = v.fma(w0, c10);
      c11 = v.fma(w1, c11);
    }
    c00.intoArray(sums, to);
    c01.intoArray(sums, to + HALF);
    to += PANEL;
    c10.intoArray(sums, to);
    c11.intoArray(sums, to + HALF);
  }

  /// Four rows of x by two vectors of a panel's rows.
  static void four(int depth, float[] x, int at, int step, long w, float[] sums, int to) {
    MemorySegment ws = Native.bytes(w, (depth - 1L) * BYTES + 4 * N);
    IntVector upper = IntVector.broadcast(I, UPPER);
    FloatVector c00 = FloatVector.zero(F),
        c01 = c00,
        c10 = c00,
        c11 = c00,
        c20 = c00,
        c21 = c00,
        c30 = c00,
        c31 = c00;
    int a1 = at + step;
    int a2 = at + 2 * step;
    int a3 = at + 3 * step;
    for (int k = 0; k < depth; k++) {
      IntVector pairs = IntVector.fromMemorySegment(I, ws, (long) k * BYTES, ORDER);
      FloatVector w0 = pairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
      FloatVector w1 = pairs.and(upper).reinterpretAsFloats();
      FloatVector v = FloatVector.broadcast(F, x[at + k]);
      c00 = v.fma(w0, c00);
      c01 = v.fma(w1, c01);
      v = FloatVector.broadcast(F, x[a1 + k]);
      c10 = v.fma(w0, c10);
      c11 = v.fma(w1, c11);
      v = FloatVector.broadcast(F, x[a2 + k]);
      c20 = v.fma(w0, c20);
      c21 = v.fma(w1, c21);
      v = FloatVector.broadcast(F, x[a3 + k]);
      c30 = v.fma(w0, c30);
      c31 = v.fma(w1, c31);
    }
    c00.intoArray(sums, to);
    c01.intoArray(sums, to + HALF);
    to += PANEL;
    c10.intoArray(sums, to);
    c11.intoArray(sums, to + HALF);
    to += PANEL;
    c20.intoArray(sums, to);
    c21.intoArray(sums, to + HALF);
    to += PANEL;
    c30.intoArray(sums, to);
    c31.intoArray(sums, to + HALF);
  }

  /// Eight rows of x by two vectors of a panel's rows.
  static void eight(int depth, float[] x, int at, int step, long w, float[] sums, int to) {
    MemorySegment ws = Native.bytes(w, (depth - 1L) * BYTES + 4 * N);
    IntVector upper = IntVector.broadcast(I, UPPER);
    FloatVector c00 = FloatVector.zero(F),
        c01 = c00,
        c10 = c00,
        c11 = c00,
        c20 = c00,
        c21 = c00,
        c30 = c00,
        c31 = c00,
        c40 = c00,
        c41 = c00,
        c50 = c00,
        c51 = c00,
        c60 = c00,
        c61 = c00,
        c70 = c00,
        c71 = c00;
    int a1 = at + step;
    int a2 = at + 2 * step;
    int a3 = at + 3 * step;
    int a4 = at + 4 * step;
    int a5 = at + 5 * step;
    int a6 = at + 6 * step;
    int a7 = at + 7 * step;
    for (int k = 0; k < depth; k++) {
      IntVector pairs = IntVector.fromMemorySegment(I, ws, (long) k * BYTES, ORDER);
      FloatVector w0 = pairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
      FloatVector w1 = pairs.and(upper).reinterpretAsFloats();
      FloatVector v = FloatVector.broadcast(F, x[at + k]);
      c00 = v.fma(w0, c00);
      c01 = v.fma(w1, c01);
      v = FloatVector.broadcast(F, x[a1 + k]);
      c10 = v.fma(w0, c10);
      c11 = v.fma(w1, c11);
      v = FloatVector.broadcast(F, x[a2 + k]);
      c20 = v.fma(w0, c20);
      c21 = v.fma(w1, c21);
      v = FloatVector.broadcast(F, x[a3 + k]);
      c30 = v.fma(w0, c30);
      c31 = v.fma(w1, c31);
      v = FloatVector.broadcast(F, x[a4 + k]);
      c40 = v.fma(w0, c40);
      c41 = v.fma(w1, c41);
      v = FloatVector.broadcast(F, x[a5 + k]);
      c50 = v.fma(w0, c50);
      c51 = v.fma(w1, c51);
      v = FloatVector.broadcast(F, x[a6 + k]);
      c60 = v.fma(w0, c60);
      c61 = v.fma(w1, c61);
      v = FloatVector.broadcast(F, x[a7 + k]);
      c70 = v.fma(w0, c70);
      c71 = v.fma(w1, c71);
    }
    c00.intoArray(sums, to);
    c01.intoArray(sums, to + HALF);
    to += PANEL;
    c10.intoArray(sums, to);
    c11.intoArray(sums, to + HALF);
    to += PANEL;
    c20.intoArray(sums, to);
    c21.intoArray(sums, to + HALF);
    to += PANEL;
    c30.intoArray(sums, to);
    c31.intoArray(sums, to + HALF);
    to += PANEL;
    c40.intoArray(sums, to);
    c41.intoArray(sums, to + HALF);
    to += PANEL;
    c50.intoArray(sums, to);
    c51.intoArray(sums, to + HALF);
    to += PANEL;
    c60.intoArray(sums, to);
    c61.intoArray(sums, to + HALF);
    to += PANEL;
    c70.intoArray(sums, to);
    c71.intoArray(sums, to + HALF);
  }

  /// Brings rows k of a panel to a panel of [RegisterBlock#COLUMNS] columns.
  ///
  /// @param w address of the panel's first pair
  /// @param second whether the panel's second half is meant, where it has two
  static void widen(int depth, long w, boolean second, long to) {
    if (N == HALF) {
      widenWhole(depth, w, to);
    } else {
      widenHalf(depth, w, second, to);
    }
  }

  private static void widenWhole(int depth, long w, long to) {
    MemorySegment ws = Native.bytes(w, (depth - 1L) * BYTES + 4 * N);
    MemorySegment target = Native.floats(to, 2L * N * depth);
    IntVector upper = IntVector.broadcast(I, UPPER);
    for (int k = 0; k < depth; k++) {
      IntVector pairs = IntVector.fromMemorySegment(I, ws, (long) k * BYTES, ORDER);
      pairs.lanewise(VectorOperators.LSHL, 16).intoMemorySegment(target, 8L * N * k, ORDER);
      pairs.and(upper).intoMemorySegment(target, 8L * N * k + 4 * N, ORDER);
    }
  }

  private static void widenHalf(int depth, long w, boolean second, long to) {
    MemorySegment ws = Native.bytes(w, (depth - 1L) * BYTES + 8 * N);
    MemorySegment target = Native.floats(to, 2L * N * depth);
    IntVector upper = IntVector.broadcast(I, UPPER);
    int shift = second ? 0 : 16;
    for (int k = 0; k < depth; k++) {
      long o = (long) k * BYTES;
      IntVector left = IntVector.fromMemorySegment(I, ws, o, ORDER);
      IntVector right = IntVector.fromMemorySegment(I, ws, o + 4 * N, ORDER);
      left.lanewise(VectorOperators.LSHL, shift)
          .and(upper)
          .intoMemorySegment(target, 8L * N * k, ORDER);
      right
          .lanewise(VectorOperators.LSHL, shift)
          .and(upper)
          .intoMemorySegment(target, 8L * N * k + 4 * N, ORDER);
    }
  }
}
