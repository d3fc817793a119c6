package dev.quintet.core.cpu;

import static dev.quintet.core.cpu.Lanes.F;
import static dev.quintet.core.cpu.Lanes.N;
import static dev.quintet.core.cpu.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The innermost blocks of a matrix product: a few rows by two vectors of C, kept in registers while k runs.
///
/// The accumulators are plain locals in one `for` loop with an `int` index and no calls, because then the compiler keeps them in
/// registers. Eight rows suit the 32 registers of 512-bit vectors, four the 16 of 256-bit ones; in both B is
/// read as two vectors, from a packed panel or straight from its rows. A comes from a heap array: broadcasting
/// scalars out of native memory is four times slower (26 GFLOP/s instead of 109).
final class RegisterBlock {
  /// Rows of a block.
  static final int ROWS = N == 16 ? 8 : 4;

  /// Columns of a block.
  static final int COLUMNS = 2 * N;

  private static final int BYTES = 4 * N;

  private RegisterBlock() {}

  /// One block of C from rows of A.
  ///
  /// @param depth the summed size, at least 1
  /// @param a holds A; row r begins at `at + r step`
  /// @param b address of B's first row
  /// @param bStep elements from one row of B to the next
  /// @param c address of the block
  /// @param ldc elements from one row of C to the next
  /// @param add whether the product is added to C
  static void rows(
      int depth, float[] a, int at, int step, long b, int bStep, long c, int ldc, boolean add) {
    if (N == 16) {
      rows8(depth, a, at, step, b, bStep, c, ldc, add);
    } else {
      rows4(depth, a, at, step, b, bStep, c, ldc, add);
    }
  }

  /// One block of C from a panel of A, in which the elements of a column lie together.
  ///
  /// @param depth the summed size, at least 1
  /// @param a holds A; its column k begins at `at + ROWS k`
  /// @param b address of B's first row
  /// @param bStep elements from one row of B to the next
  /// @param c address of the block
  /// @param ldc elements from one row of C to the next
  /// @param add whether the product is added to C
  static void panel(int depth, float[] a, int at, long b, int bStep, long c, int ldc, boolean add) {
    if (N == 16) {
      panel8(depth, a, at, b, bStep, c, ldc, add);
    } else {
      panel4(depth, a, at, b, bStep, c, ldc, add);
    }
  }

  /// C[8, 2 N] = A B, or C += A B, from rows of A: element (row, k) at `a[at + row step + k]`.
  private static void rows8(
      int depth, float[] a, int at, int step, long b, int bStep, long c, int ldc, boolean add) {
    MemorySegment bs = Native.floats(b, (long) (depth - 1) * bStep + 2 * N);
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
      long j = (long) k * bStep << 2;
      FloatVector b0 = FloatVector.fromMemorySegment(F, bs, j, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(F, bs, j + BYTES, ORDER);
      FloatVector x = FloatVector.broadcast(F, a[at + k]);
      c00 = x.fma(b0, c00);
      c01 = x.fma(b1, c01);
      x = FloatVector.broadcast(F, a[a1 + k]);
      c10 = x.fma(b0, c10);
      c11 = x.fma(b1, c11);
      x = FloatVector.broadcast(F, a[a2 + k]);
      c20 = x.fma(b0, c20);
      c21 = x.fma(b1, c21);
      x = FloatVector.broadcast(F, a[a3 + k]);
      c30 = x.fma(b0, c30);
      c31 = x.fma(b1, c31);
      x = FloatVector.broadcast(F, a[a4 + k]);
      c40 = x.fma(b0, c40);
      c41 = x.fma(b1, c41);
      x = FloatVector.broadcast(F, a[a5 + k]);
      c50 = x.fma(b0, c50);
      c51 = x.fma(b1, c51);
      x = FloatVector.broadcast(F, a[a6 + k]);
      c60 = x.fma(b0, c60);
      c61 = x.fma(b1, c61);
      x = FloatVector.broadcast(F, a[a7 + k]);
      c70 = x.fma(b0, c70);
      c71 = x.fma(b1, c71);
    }
    MemorySegment cs = Native.floats(c, 7L * ldc + 2 * N);
    store(cs, 0, c00, c01, add);
    store(cs, ldc, c10, c11, add);
    store(cs, 2L * ldc, c20, c21, add);
    store(cs, 3L * ldc, c30, c31, add);
    store(cs, 4L * ldc, c40, c41, add);
    store(cs, 5L * ldc, c50, c51, add);
    store(cs, 6L * ldc, c60, c61, add);
    store(cs, 7L * ldc, c70, c71, add);
  }

  /// C[8, 2 N] = A B, or C += A B, from a panel of A: element (row, k) at `a[at + 8 k + row]`.
  private static void panel8(
      int depth, float[] a, int at, long b, int bStep, long c, int ldc, boolean add) {
    MemorySegment bs = Native.floats(b, (long) (depth - 1) * bStep + 2 * N);
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
    for (int k = 0; k < depth; k++) {
      long j = (long) k * bStep << 2;
      int i = at + 8 * k;
      FloatVector b0 = FloatVector.fromMemorySegment(F, bs, j, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(F, bs, j + BYTES, ORDER);
      FloatVector x = FloatVector.broadcast(F, a[i]);
      c00 = x.fma(b0, c00);
      c01 = x.fma(b1, c01);
      x = FloatVector.broadcast(F, a[i + 1]);
      c10 = x.fma(b0, c10);
      c11 = x.fma(b1, c11);
      x = FloatVector.broadcast(F, a[i + 2]);
      c20 = x.fma(b0, c20);
      c21 = x.fma(b1, c21);
      x = FloatVector.broadcast(F, a[i + 3]);
      c30 = x.fma(b0, c30);
      c31 = x.fma(b1, c31);
      x = FloatVector.broadcast(F, a[i + 4]);
      c40 = x.fma(b0, c40);
      c41 = x.fma(b1, c41);
      x = FloatVector.broadcast(F, a[i + 5]);
      c50 = x.fma(b0, c50);
      c51 = x.fma(b1, c51);
      x = FloatVector.broadcast(F, a[i + 6]);
      c60 = x.fma(b0, c60);
      c61 = x.fma(b1, c61);
      x = FloatVector.broadcast(F, a[i + 7]);
      c70 = x.fma(b0, c70);
      c71 = x.fma(b1, c71);
    }
    MemorySegment cs = Native.floats(c, 7L * ldc + 2 * N);
    store(cs, 0, c00, c01, add);
    store(cs, ldc, c10, c11, add);
    store(cs, 2L * ldc, c20, c21, add);
    store(cs, 3L * ldc, c30, c31, add);
    store(cs, 4L * ldc, c40, c41, add);
    store(cs, 5L * ldc, c50, c51, add);
    store(cs, 6L * ldc, c60, c61, add);
    store(cs, 7L * ldc, c70, c71, add);
  }

  /// C[4, 2 N] = A B, or C += A B, from rows of A: element (row, k) at `a[at + row step + k]`.
  private static void rows4(
      int depth, float[] a, int at, int step, long b, int bStep, long c, int ldc, boolean add) {
    MemorySegment bs = Native.floats(b, (long) (depth - 1) * bStep + 2 * N);
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
      long j = (long) k * bStep << 2;
      FloatVector b0 = FloatVector.fromMemorySegment(F, bs, j, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(F, bs, j + BYTES, ORDER);
      FloatVector x = FloatVector.broadcast(F, a[at + k]);
      c00 = x.fma(b0, c00);
      c01 = x.fma(b1, c01);
      x = FloatVector.broadcast(F, a[a1 + k]);
      c10 = x.fma(b0, c10);
      c11 = x.fma(b1, c11);
      x = FloatVector.broadcast(F, a[a2 + k]);
      c20 = x.fma(b0, c20);
      c21 = x.fma(b1, c21);
      x = FloatVector.broadcast(F, a[a3 + k]);
      c30 = x.fma(b0, c30);
      c31 = x.fma(b1, c31);
    }
    MemorySegment cs = Native.floats(c, 3L * ldc + 2 * N);
    store(cs, 0, c00, c01, add);
    store(cs, ldc, c10, c11, add);
    store(cs, 2L * ldc, c20, c21, add);
    store(cs, 3L * ldc, c30, c31, add);
  }

  /// C[4, 2 N] = A B, or C += A B, from a panel of A: element (row, k) at `a[at + 4 k + row]`.
  private static void panel4(
      int depth, float[] a, int at, long b, int bStep, long c, int ldc, boolean add) {
    MemorySegment bs = Native.floats(b, (long) (depth - 1) * bStep + 2 * N);
    FloatVector c00 = FloatVector.zero(F),
        c01 = c00,
        c10 = c00,
        c11 = c00,
        c20 = c00,
        c21 = c00,
        c30 = c00,
        c31 = c00;
    for (int k = 0; k < depth; k++) {
      long j = (long) k * bStep << 2;
      int i = at + 4 * k;
      FloatVector b0 = FloatVector.fromMemorySegment(F, bs, j, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(F, bs, j + BYTES, ORDER);
      FloatVector x = FloatVector.broadcast(F, a[i]);
      c00 = x.fma(b0, c00);
      c01 = x.fma(b1, c01);
      x = FloatVector.broadcast(F, a[i + 1]);
      c10 = x.fma(b0, c10);
      c11 = x.fma(b1, c11);
      x = FloatVector.broadcast(F, a[i + 2]);
      c20 = x.fma(b0, c20);
      c21 = x.fma(b1, c21);
      x = FloatVector.broadcast(F, a[i + 3]);
      c30 = x.fma(b0, c30);
      c31 = x.fma(b1, c31);
    }
    MemorySegment cs = Native.floats(c, 3L * ldc + 2 * N);
    store(cs, 0, c00, c01, add);
    store(cs, ldc, c10, c11, add);
    store(cs, 2L * ldc, c20, c21, add);
    store(cs, 3L * ldc, c30, c31, add);
  }

  private static void store(
      MemorySegment c, long at, FloatVector left, FloatVector right, boolean add) {
    long j = at << 2;
    if (add) {
      left = left.add(FloatVector.fromMemorySegment(F, c, j, ORDER));
      right = right.add(FloatVector.fromMemorySegment(F, c, j + BYTES, ORDER));
    }
    left.intoMemorySegment(c, j, ORDER);
    right.intoMemorySegment(c, j + BYTES, ORDER);
  }
}
