package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.lane.Lanes.F;
import static dev.quintet.core.cpu.lane.Lanes.N;
import static dev.quintet.core.cpu.lane.Lanes.ORDER;

import dev.quintet.core.backend.StoredMatrix;
import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Sums of x times int8 numbers of [StoredMatrix]'s panels, without their scales: for a few rows of x, along k one by one.
///
/// Written as [RegisterBlock] is, and for its reasons. Each method takes the first vector of a panel's rows and the one half
/// a panel further; sums of row r go to `to + 32 r` and half a panel further. Widening bytes costs an instruction less a
/// vector than to shift them out of integers does (0.8 and 1.1 ms for 38 million weights).
final class Int8Panels {
  private static final VectorSpecies<Byte> B =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(8 * N));

  private static final int PANEL = StoredMatrix.PANEL;
  private static final int HALF = PANEL / 2;

  private Int8Panels() {}

  /// One row of x by two vectors of the rows of two panels each.
  static void one(int depth, float[] x, int at, long w, long v, float[] sums, int to) {
    MemorySegment ws = Native.bytes(w, (depth - 1L) * PANEL + HALF + N);
    MemorySegment vs = Native.bytes(v, (depth - 1L) * PANEL + HALF + N);
    FloatVector c00 = FloatVector.zero(F), c01 = c00, c10 = c00, c11 = c00;
    for (int k = 0; k < depth; k++) {
      long o = (long) k * PANEL;
      FloatVector a = FloatVector.broadcast(F, x[at + k]);
      FloatVector b =
          (FloatVector)
              ByteVector.fromMemorySegment(B, ws, o, ORDER).convertShape(VectorOperators.B2F, F, 0);
      c00 = a.fma(b, c00);
      b =
          (FloatVector)
              ByteVector.fromMemorySegment(B, ws, o + HALF, ORDER)
                  .convertShape(VectorOperators.B2F, F, 0);
      c01 = a.fma(b, c01);
      b =
          (FloatVector)
              ByteVector.fromMemorySegment(B, vs, o, ORDER).convertShape(VectorOperators.B2F, F, 0);
      c10 = a.fma(b, c10);
      b =
          (FloatVector)
              ByteVector.fromMemorySegment(B, vs, o + HALF, ORDER)
                  .convertShape(VectorOperators.B2F, F, 0);
      c11 = a.fma(b, c11);
    }
    c00.intoArray(sums, to);
    c01.intoArray(sums, to + HALF);
    to += PANEL;
    c10.intoArray(sums, to);
    c11.intoArray(sums, to + HALF);
  }

  /// Two rows of x by two vectors of a panel's rows.
  static void two(int depth, float[] x, int at, int step, long w, float[] sums, int to) {
    MemorySegment ws = Native.bytes(w, (depth - 1L) * PANEL + HALF + N);
    FloatVector c00 = FloatVector.zero(F), c01 = c00, c10 = c00, c11 = c00;
    int a1 = at + step;
    for (int k = 0; k < depth; k++) {
      long o = (long) k * PANEL;
      FloatVector w0 =
          (FloatVector)
              ByteVector.fromMemorySegment(B, ws, o, ORDER).convertShape(VectorOperators.B2F, F, 0);
      FloatVector w1 =
          (FloatVector)
              ByteVector.fromMemorySegment(B, ws, o + HALF, ORDER)
                  .convertShape(VectorOperators.B2F, F, 0);
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
    MemorySegment ws = Native.bytes(w, (depth - 1L) * PANEL + HALF + N);
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
      long o = (long) k * PANEL;
      FloatVector w0 =
          (FloatVector)
              ByteVector.fromMemorySegment(B, ws, o, ORDER).convertShape(VectorOperators.B2F, F, 0);
      FloatVector w1 =
          (FloatVector)
              ByteVector.fromMemorySegment(B, ws, o + HALF, ORDER)
                  .convertShape(VectorOperators.B2F, F, 0);
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
    MemorySegment ws = Native.bytes(w, (depth - 1L) * PANEL + HALF + N);
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
      long o = (long) k * PANEL;
      FloatVector w0 =
          (FloatVector)
              ByteVector.fromMemorySegment(B, ws, o, ORDER).convertShape(VectorOperators.B2F, F, 0);
      FloatVector w1 =
          (FloatVector)
              ByteVector.fromMemorySegment(B, ws, o + HALF, ORDER)
                  .convertShape(VectorOperators.B2F, F, 0);
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

  /// Brings rows k of a panel, scaled, to a panel of [RegisterBlock#COLUMNS] columns.
  ///
  /// @param w address of the first number
  /// @param scales address of the first scale
  static void widen(int depth, long w, long scales, long to) {
    MemorySegment ws = Native.bytes(w, (depth - 1L) * PANEL + 2 * N);
    MemorySegment ss = Native.floats(scales, 2L * N);
    MemorySegment target = Native.floats(to, 2L * N * depth);
    FloatVector s0 = FloatVector.fromMemorySegment(F, ss, 0, ORDER);
    FloatVector s1 = FloatVector.fromMemorySegment(F, ss, 4L * N, ORDER);
    for (int k = 0; k < depth; k++) {
      long o = (long) k * PANEL;
      FloatVector w0 =
          (FloatVector)
              ByteVector.fromMemorySegment(B, ws, o, ORDER).convertShape(VectorOperators.B2F, F, 0);
      FloatVector w1 =
          (FloatVector)
              ByteVector.fromMemorySegment(B, ws, o + N, ORDER)
                  .convertShape(VectorOperators.B2F, F, 0);
      w0.mul(s0).intoMemorySegment(target, 8L * N * k, ORDER);
      w1.mul(s1).intoMemorySegment(target, 8L * N * k + 4 * N, ORDER);
    }
  }
}
