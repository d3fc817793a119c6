package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.lane.Lanes.F;
import static dev.quintet.core.cpu.lane.Lanes.N;
import static dev.quintet.core.cpu.lane.Lanes.ORDER;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quintet.core.backend.Product;
import dev.quintet.core.cpu.lane.LaneTree;
import dev.quintet.core.cpu.lane.Lanes;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.Workspace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// C = A Bᵀ for a few rows of A: dot products, four rows of B at a time, so that B is read from memory once.
///
/// Each dot product keeps a sum in each lane; what many of them leave is then added up together ([LaneTree]). Eight rows of
/// A lie in a panel, vector beside vector: with a pointer for each of them the compiler runs out of registers, and takes
/// twice the time.
public final class SkinnyProduct {
  /// The most rows of A.
  public static final int ROWS = 16;

  /// Elements of B in a part: a microsecond's reading.
  private static final int PART = 1 << 14;

  /// Whether there are 32 registers, for blocks of more than two rows.
  private static final boolean LARGE = N == 16;

  private SkinnyProduct() {}

  /// Multiplies one product that is not transposed in A and transposed in B.
  static void multiply(Product p, long a, long b, long c) {
    int columns = columns(p.k());
    int parts = (p.n() + columns - 1) / columns;
    long panel = panel(p.m(), p.k(), a, p.a().row());
    VectorMatmul.run(
        (long) p.m() * p.n() * p.k(),
        parts,
        part -> {
          int j = part * columns;
          columns(
              p.m(),
              Math.min(columns, p.n() - j),
              p.k(),
              a,
              p.a().row(),
              panel,
              Native.at(b, (long) j * p.b().row()),
              p.b().row(),
              Native.at(c, j),
              p.c().row(),
              p.accumulate());
        });
  }

  /// Columns of C in a part.
  ///
  /// @param depth the summed size
  public static int columns(int depth) {
    return Math.max(N, PART / Math.max(1, depth) / N * N);
  }

  /// Elements of a panel.
  ///
  /// @param m rows of A
  /// @param k the summed size
  public static int panelSize(int m, int k) {
    return LARGE && m > 2 ? (m + 3) / 4 * 4 * (k / N * N) : 0;
  }

  /// A's whole vectors as blocks read them, in the calling thread's memory; other threads may read them.
  private static long panel(int m, int k, long a, int aRow) {
    int size = panelSize(m, k);
    if (size == 0) {
      return 0;
    }
    long panel = Workspace.packed(size);
    pack(m, k, a, aRow, panel);
    return panel;
  }

  /// Brings A's whole vectors into a panel of [#panelSize] elements: eight rows side by side, or four where no more are
  /// left, and zeros where there are fewer.
  public static void pack(int m, int k, long a, int aRow, long panel) {
    if (panelSize(m, k) == 0) {
      return;
    }
    int whole = k / N * N;
    for (int i = 0; i < m; i += 8) {
      int rows = m - i > 4 ? 8 : 4;
      int step = rows * N;
      for (int r = 0; r < rows; r++) {
        long to = Native.at(panel, (long) i * whole + r * N);
        if (i + r < m) {
          spread(Native.at(a, (long) (i + r) * aRow), whole, to, step);
        } else {
          clear(whole, to, step);
        }
      }
    }
  }

  private static void spread(long from, int count, long to, int step) {
    MemorySegment source = Native.floats(from, count);
    MemorySegment target = Native.floats(to, (long) (count / N - 1) * step + N);
    for (int k = 0; k < count; k += N) {
      FloatVector.fromMemorySegment(F, source, 4L * k, ORDER)
          .intoMemorySegment(target, 4L * (k / N) * step, ORDER);
    }
  }

  private static void clear(int count, long to, int step) {
    MemorySegment target = Native.floats(to, (long) (count / N - 1) * step + N);
    FloatVector none = FloatVector.zero(F);
    for (int k = 0; k < count; k += N) {
      none.intoMemorySegment(target, 4L * (k / N) * step, ORDER);
    }
  }

  /// C[m, n] = or += A Bᵀ, in this thread.
  ///
  /// @param m at most [#ROWS]
  /// @param aRow elements from one row of A to the next
  /// @param panel A as [#pack] leaves it; 0 where it takes no elements
  /// @param bRow elements from one row of B to the next
  /// @param cRow elements from one row of C to the next
  public static void columns(
      int m,
      int n,
      int k,
      long a,
      int aRow,
      long panel,
      long b,
      int bRow,
      long c,
      int cRow,
      boolean add) {
    float[] sums = Workspace.floats(Workspace.BLOCK, m * N * N + 4 * N);
    int whole = k / N * N;
    int ahead = Math.max(N, ReadAhead.BYTES / Float.BYTES / Math.max(1, Math.max(k, bRow)) / N * N);
    for (int j = 0; j < n; j += N) {
      // the last block begins earlier, and what it computes again is left out
      int first = Math.max(0, Math.min(j, n - N));
      int width = Math.min(N, n - first);
      long rows = Native.at(b, (long) first * bRow);
      if (j % ahead == 0) {
        long elements = (Math.min(ahead, n - first) - 1L) * bRow + k;
        ReadAhead.touch(rows, elements * Float.BYTES, sums, m * N * N);
      }
      for (int x = 0; x < width; x += 4) {
        int at = width < 4 ? x : Math.min(x, width - 4);
        if (width >= 4) {
          dots(m, whole, a, aRow, panel, Native.at(rows, (long) at * bRow), bRow, sums, at * N);
        } else {
          for (int one = 0; one < width; one++) {
            long row = Native.at(rows, (long) one * bRow);
            dots(m, whole, a, aRow, panel, row, 0, sums, one * N);
          }
        }
      }
      for (int i = 0; i < m; i++) {
        LaneTree.sums(sums, i * N * N);
        if (whole < k) {
          rest(whole, k, Native.at(a, (long) i * aRow), rows, bRow, width, sums, i * N * N);
        }
        int from = j - first;
        put(sums, i * N * N + from, Native.at(c, (long) i * cRow + j), width - from, add);
      }
    }
  }

  /// All rows of A by four rows of B: lanes that are still to be added.
  private static void dots(
      int m, int depth, long a, int aRow, long panel, long b, int bRow, float[] sums, int at) {
    int i = 0;
    for (; LARGE && m - i > 4; i += 8) {
      long rows = Native.at(panel, (long) i * depth);
      int last = Math.min(8, m - i);
      eight(depth, rows, b, bRow, sums, at + i * N * N, last);
      eight(depth, rows, Native.at(b, 2L * bRow), bRow, sums, at + i * N * N + 2 * N, last);
    }
    if (LARGE && m - i > 2) {
      four(depth, Native.at(panel, (long) i * depth), b, bRow, sums, at + i * N * N, m - i);
      return;
    }
    for (; i < m; i += 2) {
      long rows = Native.at(a, (long) i * aRow);
      if (m - i > 1) {
        two(depth, rows, aRow, b, bRow, sums, at + i * N * N);
      } else {
        one(depth, rows, b, bRow, sums, at + i * N * N);
      }
    }
  }

  /// One row of A by four rows of B, which are the same where they lie 0 apart.
  private static void one(int depth, long a, long b, int bRow, float[] sums, int to) {
    MemorySegment as = Native.floats(a, depth);
    MemorySegment bs = Native.floats(b, 3L * bRow + depth);
    long r1 = 4L * bRow;
    long r2 = 8L * bRow;
    long r3 = 12L * bRow;
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    for (int k = 0; k < depth; k += N) {
      long o = 4L * k;
      FloatVector x = FloatVector.fromMemorySegment(F, as, o, ORDER);
      s0 = x.fma(FloatVector.fromMemorySegment(F, bs, o, ORDER), s0);
      s1 = x.fma(FloatVector.fromMemorySegment(F, bs, o + r1, ORDER), s1);
      s2 = x.fma(FloatVector.fromMemorySegment(F, bs, o + r2, ORDER), s2);
      s3 = x.fma(FloatVector.fromMemorySegment(F, bs, o + r3, ORDER), s3);
    }
    s0.intoArray(sums, to);
    s1.intoArray(sums, to + N);
    s2.intoArray(sums, to + 2 * N);
    s3.intoArray(sums, to + 3 * N);
  }

  /// As [#one], for two rows of A.
  private static void two(int depth, long a, int aRow, long b, int bRow, float[] sums, int to) {
    MemorySegment as = Native.floats(a, (long) aRow + depth);
    MemorySegment bs = Native.floats(b, 3L * bRow + depth);
    long a1 = 4L * aRow;
    long r1 = 4L * bRow;
    long r2 = 8L * bRow;
    long r3 = 12L * bRow;
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    FloatVector t0 = s0;
    FloatVector t1 = s0;
    FloatVector t2 = s0;
    FloatVector t3 = s0;
    for (int k = 0; k < depth; k += N) {
      long o = 4L * k;
      FloatVector x = FloatVector.fromMemorySegment(F, as, o, ORDER);
      FloatVector y = FloatVector.fromMemorySegment(F, as, o + a1, ORDER);
      FloatVector w = FloatVector.fromMemorySegment(F, bs, o, ORDER);
      s0 = x.fma(w, s0);
      t0 = y.fma(w, t0);
      w = FloatVector.fromMemorySegment(F, bs, o + r1, ORDER);
      s1 = x.fma(w, s1);
      t1 = y.fma(w, t1);
      w = FloatVector.fromMemorySegment(F, bs, o + r2, ORDER);
      s2 = x.fma(w, s2);
      t2 = y.fma(w, t2);
      w = FloatVector.fromMemorySegment(F, bs, o + r3, ORDER);
      s3 = x.fma(w, s3);
      t3 = y.fma(w, t3);
    }
    s0.intoArray(sums, to);
    s1.intoArray(sums, to + N);
    s2.intoArray(sums, to + 2 * N);
    s3.intoArray(sums, to + 3 * N);
    t0.intoArray(sums, to + N * N);
    t1.intoArray(sums, to + N * N + N);
    t2.intoArray(sums, to + N * N + 2 * N);
    t3.intoArray(sums, to + N * N + 3 * N);
  }

  /// As [#one], for four rows of A side by side, of which at least three count.
  private static void four(int depth, long a, long b, int bRow, float[] sums, int to, int rows) {
    MemorySegment as = Native.floats(a, 4L * depth);
    MemorySegment bs = Native.floats(b, 3L * bRow + depth);
    long r1 = 4L * bRow;
    long r2 = 8L * bRow;
    long r3 = 12L * bRow;
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0, s2 = s0, s3 = s0;
    FloatVector t0 = s0, t1 = s0, t2 = s0, t3 = s0;
    FloatVector u0 = s0, u1 = s0, u2 = s0, u3 = s0;
    FloatVector v0 = s0, v1 = s0, v2 = s0, v3 = s0;
    for (int k = 0; k < depth; k += N) {
      long o = 4L * k;
      long p = 16L * k;
      FloatVector x0 = FloatVector.fromMemorySegment(F, as, p, ORDER);
      FloatVector x1 = FloatVector.fromMemorySegment(F, as, p + 4 * N, ORDER);
      FloatVector x2 = FloatVector.fromMemorySegment(F, as, p + 8 * N, ORDER);
      FloatVector x3 = FloatVector.fromMemorySegment(F, as, p + 12 * N, ORDER);
      FloatVector w = FloatVector.fromMemorySegment(F, bs, o, ORDER);
      s0 = x0.fma(w, s0);
      t0 = x1.fma(w, t0);
      u0 = x2.fma(w, u0);
      v0 = x3.fma(w, v0);
      w = FloatVector.fromMemorySegment(F, bs, o + r1, ORDER);
      s1 = x0.fma(w, s1);
      t1 = x1.fma(w, t1);
      u1 = x2.fma(w, u1);
      v1 = x3.fma(w, v1);
      w = FloatVector.fromMemorySegment(F, bs, o + r2, ORDER);
      s2 = x0.fma(w, s2);
      t2 = x1.fma(w, t2);
      u2 = x2.fma(w, u2);
      v2 = x3.fma(w, v2);
      w = FloatVector.fromMemorySegment(F, bs, o + r3, ORDER);
      s3 = x0.fma(w, s3);
      t3 = x1.fma(w, t3);
      u3 = x2.fma(w, u3);
      v3 = x3.fma(w, v3);
    }
    s0.intoArray(sums, to);
    s1.intoArray(sums, to + N);
    s2.intoArray(sums, to + 2 * N);
    s3.intoArray(sums, to + 3 * N);
    t0.intoArray(sums, to + N * N);
    t1.intoArray(sums, to + N * N + N);
    t2.intoArray(sums, to + N * N + 2 * N);
    t3.intoArray(sums, to + N * N + 3 * N);
    u0.intoArray(sums, to + 2 * N * N);
    u1.intoArray(sums, to + 2 * N * N + N);
    u2.intoArray(sums, to + 2 * N * N + 2 * N);
    u3.intoArray(sums, to + 2 * N * N + 3 * N);
    if (rows == 4) {
      v0.intoArray(sums, to + 3 * N * N);
      v1.intoArray(sums, to + 3 * N * N + N);
      v2.intoArray(sums, to + 3 * N * N + 2 * N);
      v3.intoArray(sums, to + 3 * N * N + 3 * N);
    }
  }

  /// As [#one], for eight rows of A side by side, of which at least five count, and two rows of B.
  private static void eight(int depth, long a, long b, int bRow, float[] sums, int to, int rows) {
    MemorySegment as = Native.floats(a, 8L * depth);
    MemorySegment bs = Native.floats(b, bRow + depth);
    long next = 4L * bRow;
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
    FloatVector t0 = s0, t1 = s0, t2 = s0, t3 = s0, t4 = s0, t5 = s0, t6 = s0, t7 = s0;
    for (int k = 0; k < depth; k += N) {
      long o = 4L * k;
      long p = 32L * k;
      FloatVector w = FloatVector.fromMemorySegment(F, bs, o, ORDER);
      FloatVector z = FloatVector.fromMemorySegment(F, bs, o + next, ORDER);
      FloatVector x = FloatVector.fromMemorySegment(F, as, p, ORDER);
      s0 = x.fma(w, s0);
      t0 = x.fma(z, t0);
      x = FloatVector.fromMemorySegment(F, as, p + 4 * N, ORDER);
      s1 = x.fma(w, s1);
      t1 = x.fma(z, t1);
      x = FloatVector.fromMemorySegment(F, as, p + 8 * N, ORDER);
      s2 = x.fma(w, s2);
      t2 = x.fma(z, t2);
      x = FloatVector.fromMemorySegment(F, as, p + 12 * N, ORDER);
      s3 = x.fma(w, s3);
      t3 = x.fma(z, t3);
      x = FloatVector.fromMemorySegment(F, as, p + 16 * N, ORDER);
      s4 = x.fma(w, s4);
      t4 = x.fma(z, t4);
      x = FloatVector.fromMemorySegment(F, as, p + 20 * N, ORDER);
      s5 = x.fma(w, s5);
      t5 = x.fma(z, t5);
      x = FloatVector.fromMemorySegment(F, as, p + 24 * N, ORDER);
      s6 = x.fma(w, s6);
      t6 = x.fma(z, t6);
      x = FloatVector.fromMemorySegment(F, as, p + 28 * N, ORDER);
      s7 = x.fma(w, s7);
      t7 = x.fma(z, t7);
    }
    s0.intoArray(sums, to);
    t0.intoArray(sums, to + N);
    s1.intoArray(sums, to + N * N);
    t1.intoArray(sums, to + N * N + N);
    s2.intoArray(sums, to + 2 * N * N);
    t2.intoArray(sums, to + 2 * N * N + N);
    s3.intoArray(sums, to + 3 * N * N);
    t3.intoArray(sums, to + 3 * N * N + N);
    s4.intoArray(sums, to + 4 * N * N);
    t4.intoArray(sums, to + 4 * N * N + N);
    if (rows > 5) {
      s5.intoArray(sums, to + 5 * N * N);
      t5.intoArray(sums, to + 5 * N * N + N);
    }
    if (rows > 6) {
      s6.intoArray(sums, to + 6 * N * N);
      t6.intoArray(sums, to + 6 * N * N + N);
    }
    if (rows > 7) {
      s7.intoArray(sums, to + 7 * N * N);
      t7.intoArray(sums, to + 7 * N * N + N);
    }
  }

  /// Adds what lies beyond whole vectors.
  private static void rest(
      int from, int depth, long a, long b, int bRow, int width, float[] sums, int at) {
    MemorySegment as = Native.floats(a, depth);
    for (int j = 0; j < width; j++) {
      MemorySegment bs = Native.floats(Native.at(b, (long) j * bRow), depth);
      float sum = 0;
      for (int k = from; k < depth; k++) {
        sum += as.getAtIndex(JAVA_FLOAT, k) * bs.getAtIndex(JAVA_FLOAT, k);
      }
      sums[at + j] += sum;
    }
  }

  /// Brings results to C.
  private static void put(float[] sums, int at, long c, int width, boolean add) {
    MemorySegment to = Native.floats(c, width);
    FloatVector result = FloatVector.fromArray(F, sums, at);
    if (width == N) {
      if (add) {
        result = FloatVector.fromMemorySegment(F, to, 0, ORDER).add(result);
      }
      result.intoMemorySegment(to, 0, ORDER);
      return;
    }
    VectorMask<Float> mask = Lanes.first(width);
    if (add) {
      result = FloatVector.fromMemorySegment(F, to, 0, ORDER, mask).add(result);
    }
    result.intoMemorySegment(to, 0, ORDER, mask);
  }
}
