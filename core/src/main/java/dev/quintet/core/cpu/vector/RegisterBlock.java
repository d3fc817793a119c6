package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.lane.Lanes.F;
import static dev.quintet.core.cpu.lane.Lanes.N;
import static dev.quintet.core.cpu.lane.Lanes.ORDER;

import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// The innermost blocks of a matrix product: a few rows by two vectors of C, kept in registers while k runs.
///
/// The accumulators are plain locals in one `for` loop with an `int` index and no calls, because then the compiler
/// keeps them in registers. Eight rows suit the 32 registers of 512-bit vectors, four the 16 of 256-bit ones; in both B
/// is read as two vectors, from a packed panel or straight from its rows. A comes from a heap array: broadcasting
/// scalars out of native memory is four times slower (26 GFLOP/s instead of 109). The block goes to a heap array first
/// and [#place] brings it to C, because a method that opens C as well grows past what the compilers take: calls of ours
/// are then not inlined and every accumulator becomes an object (20 GFLOP/s instead of 220), or the first-tier compiler
/// gives up.
public final class RegisterBlock {
  /// Rows of a block.
  public static final int ROWS = N == 16 ? 8 : 4;

  /// Columns of a block.
  public static final int COLUMNS = 2 * N;

  private static final int BYTES = 4 * N;

  private RegisterBlock() {}

  /// One block of C from rows of A.
  ///
  /// @param depth the summed size, at least 1
  /// @param a holds A; row r begins at `at + r step`
  /// @param b address of B's first row
  /// @param bStep elements from one row of B to the next
  /// @param c where the block goes; its rows begin at `to`, `cStep` apart
  public static void rows(
      int depth, float[] a, int at, int step, long b, int bStep, float[] c, int to, int cStep) {
    if (N == 16) {
      rows8(depth, a, at, step, b, bStep, c, to, cStep);
    } else {
      rows4(depth, a, at, step, b, bStep, c, to, cStep);
    }
  }

  /// One block of C from columns of A, in which the elements of a column lie together.
  ///
  /// @param depth the summed size, at least 1
  /// @param a holds A; its column k begins at `at + k step`
  /// @param b address of B's first row
  /// @param bStep elements from one row of B to the next
  /// @param c where the block goes; its rows begin at `to`, `cStep` apart
  public static void columns(
      int depth, float[] a, int at, int step, long b, int bStep, float[] c, int to, int cStep) {
    if (N == 16) {
      columns8(depth, a, at, step, b, bStep, c, to, cStep);
    } else {
      columns4(depth, a, at, step, b, bStep, c, to, cStep);
    }
  }

  /// C[8, 2 N] = A B from rows of A: element (row, k) at `a[at + row step + k]`.
  private static void rows8(
      int depth, float[] a, int at, int step, long b, int bStep, float[] c, int to, int cStep) {
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
    c00.intoArray(c, to);
    c01.intoArray(c, to + N);
    to += cStep;
    c10.intoArray(c, to);
    c11.intoArray(c, to + N);
    to += cStep;
    c20.intoArray(c, to);
    c21.intoArray(c, to + N);
    to += cStep;
    c30.intoArray(c, to);
    c31.intoArray(c, to + N);
    to += cStep;
    c40.intoArray(c, to);
    c41.intoArray(c, to + N);
    to += cStep;
    c50.intoArray(c, to);
    c51.intoArray(c, to + N);
    to += cStep;
    c60.intoArray(c, to);
    c61.intoArray(c, to + N);
    to += cStep;
    c70.intoArray(c, to);
    c71.intoArray(c, to + N);
  }

  /// C[8, 2 N] = A B from columns of A: element (row, k) at `a[at + step k + row]`.
  private static void columns8(
      int depth, float[] a, int at, int step, long b, int bStep, float[] c, int to, int cStep) {
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
      int i = at + step * k;
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
    c00.intoArray(c, to);
    c01.intoArray(c, to + N);
    to += cStep;
    c10.intoArray(c, to);
    c11.intoArray(c, to + N);
    to += cStep;
    c20.intoArray(c, to);
    c21.intoArray(c, to + N);
    to += cStep;
    c30.intoArray(c, to);
    c31.intoArray(c, to + N);
    to += cStep;
    c40.intoArray(c, to);
    c41.intoArray(c, to + N);
    to += cStep;
    c50.intoArray(c, to);
    c51.intoArray(c, to + N);
    to += cStep;
    c60.intoArray(c, to);
    c61.intoArray(c, to + N);
    to += cStep;
    c70.intoArray(c, to);
    c71.intoArray(c, to + N);
  }

  /// C[4, 2 N] = A B from rows of A: element (row, k) at `a[at + row step + k]`.
  private static void rows4(
      int depth, float[] a, int at, int step, long b, int bStep, float[] c, int to, int cStep) {
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
    c00.intoArray(c, to);
    c01.intoArray(c, to + N);
    to += cStep;
    c10.intoArray(c, to);
    c11.intoArray(c, to + N);
    to += cStep;
    c20.intoArray(c, to);
    c21.intoArray(c, to + N);
    to += cStep;
    c30.intoArray(c, to);
    c31.intoArray(c, to + N);
  }

  /// C[4, 2 N] = A B from columns of A: element (row, k) at `a[at + step k + row]`.
  private static void columns4(
      int depth, float[] a, int at, int step, long b, int bStep, float[] c, int to, int cStep) {
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
      int i = at + step * k;
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
    c00.intoArray(c, to);
    c01.intoArray(c, to + N);
    to += cStep;
    c10.intoArray(c, to);
    c11.intoArray(c, to + N);
    to += cStep;
    c20.intoArray(c, to);
    c21.intoArray(c, to + N);
    to += cStep;
    c30.intoArray(c, to);
    c31.intoArray(c, to + N);
  }

  /// Brings a block to C, or adds it.
  ///
  /// @param block the block, row by row
  /// @param height rows of it that belong to C
  /// @param width columns of it that belong to C
  /// @param c address in C
  /// @param ldc elements from one row of C to the next
  /// @param add whether it is added to C
  static void place(float[] block, int height, int width, long c, int ldc, boolean add) {
    if (width < COLUMNS) {
      placeSome(block, height, width, c, ldc, add);
    } else if (add) {
      addWhole(block, height, c, ldc);
    } else {
      placeWhole(block, height, c, ldc);
    }
  }

  // Each is a loop of its own without a call that is handed a vector: one that is not inlined, or
  // only on
  // a path that is rarely taken, makes an object of every vector, also on the other paths.

  private static void placeWhole(float[] block, int height, long c, int ldc) {
    MemorySegment to = Native.floats(c, (height - 1L) * ldc + COLUMNS);
    for (int i = 0; i < height; i++) {
      long at = 4L * i * ldc;
      FloatVector.fromArray(F, block, i * COLUMNS).intoMemorySegment(to, at, ORDER);
      FloatVector.fromArray(F, block, i * COLUMNS + N).intoMemorySegment(to, at + BYTES, ORDER);
    }
  }

  private static void addWhole(float[] block, int height, long c, int ldc) {
    MemorySegment to = Native.floats(c, (height - 1L) * ldc + COLUMNS);
    for (int i = 0; i < height; i++) {
      long at = 4L * i * ldc;
      FloatVector.fromArray(F, block, i * COLUMNS)
          .add(FloatVector.fromMemorySegment(F, to, at, ORDER))
          .intoMemorySegment(to, at, ORDER);
      FloatVector.fromArray(F, block, i * COLUMNS + N)
          .add(FloatVector.fromMemorySegment(F, to, at + BYTES, ORDER))
          .intoMemorySegment(to, at + BYTES, ORDER);
    }
  }

  private static void placeSome(
      float[] block, int height, int width, long c, int ldc, boolean add) {
    MemorySegment to = Native.floats(c, (height - 1L) * ldc + width);
    for (int j = 0; j < width; j += N) {
      VectorMask<Float> mask = F.indexInRange(0, width - j);
      for (int i = 0; i < height; i++) {
        long at = 4L * i * ldc + 4L * j;
        FloatVector x = FloatVector.fromArray(F, block, i * COLUMNS + j);
        FloatVector before =
            add ? FloatVector.fromMemorySegment(F, to, at, ORDER, mask) : FloatVector.zero(F);
        (add ? x.add(before) : x).intoMemorySegment(to, at, ORDER, mask);
      }
    }
  }
}
