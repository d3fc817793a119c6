package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.lane.Lanes.F;
import static dev.quintet.core.cpu.lane.Lanes.N;
import static dev.quintet.core.cpu.lane.Lanes.ORDER;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quintet.core.backend.Product;
import dev.quintet.core.cpu.lane.Lanes;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.Workspace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// C = A Bᵀ for a few rows of A: dot products, four rows of B at a time, so that B is read from memory once.
public final class SkinnyProduct {
  /// Elements of B in a part.
  private static final int PART = 1 << 15;

  private SkinnyProduct() {}

  /// Multiplies one product that is not transposed in A and transposed in B.
  static void multiply(Product p, long a, long b, long c) {
    int columns = Math.max(8, PART / p.k() & ~3);
    int parts = (p.n() + columns - 1) / columns;
    VectorMatmul.run(
        (long) p.m() * p.n() * p.k(),
        parts,
        part -> {
          int j0 = part * columns;
          int j1 = Math.min(p.n(), j0 + columns);
          for (int j = j0; j < j1; j += 4) {
            columns(
                p, a, Native.at(b, (long) j * p.b().row()), Native.at(c, j), Math.min(4, j1 - j));
          }
        });
  }

  private static void columns(Product p, long a, long b, long c, int width) {
    float[] sums = Workspace.floats(Workspace.BLOCK, 8 * N);
    int whole = p.k() / N * N;
    int step = width == 4 ? p.b().row() : 0;
    for (int x = 0; x < (width == 4 ? 1 : width); x++) {
      long row = Native.at(b, (long) x * p.b().row());
      for (int i = 0; i < p.m(); i += 2) {
        int rows = Math.min(2, p.m() - i);
        long as = Native.at(a, (long) i * p.a().row());
        if (rows == 2) {
          two(whole, as, p.a().row(), row, step, sums);
        } else {
          one(whole, as, row, step, sums);
        }
        for (int r = 0; r < rows; r++) {
          long to = Native.at(c, (long) (i + r) * p.c().row() + x);
          put(
              p,
              whole,
              Native.at(as, (long) r * p.a().row()),
              row,
              sums,
              4 * N * r,
              to,
              step == 0 ? 1 : 4);
        }
      }
    }
  }

  /// One row of A by four rows of B, which are the same when their step is 0: lanes still to be added.
  private static void one(int depth, long a, long b, int step, float[] sums) {
    MemorySegment as = Native.floats(a, depth);
    MemorySegment bs = Native.floats(b, 3L * step + depth);
    long r1 = 4L * step;
    long r2 = 8L * step;
    long r3 = 12L * step;
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
    s0.intoArray(sums, 0);
    s1.intoArray(sums, N);
    s2.intoArray(sums, 2 * N);
    s3.intoArray(sums, 3 * N);
  }

  /// As [#one], for two rows of A.
  private static void two(int depth, long a, int aStep, long b, int step, float[] sums) {
    MemorySegment as = Native.floats(a, (long) aStep + depth);
    MemorySegment bs = Native.floats(b, 3L * step + depth);
    long a1 = 4L * aStep;
    long r1 = 4L * step;
    long r2 = 8L * step;
    long r3 = 12L * step;
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
    s0.intoArray(sums, 0);
    s1.intoArray(sums, N);
    s2.intoArray(sums, 2 * N);
    s3.intoArray(sums, 3 * N);
    t0.intoArray(sums, 4 * N);
    t1.intoArray(sums, 5 * N);
    t2.intoArray(sums, 6 * N);
    t3.intoArray(sums, 7 * N);
  }

  /// Adds lanes, then what lies beyond whole vectors, and brings the results to C.
  private static void put(
      Product p, int whole, long a, long b, float[] sums, int at, long c, int width) {
    MemorySegment to = Native.floats(c, width);
    for (int j = 0; j < width; j++) {
      float sum = Lanes.sum(FloatVector.fromArray(F, sums, at + j * N));
      if (whole < p.k()) {
        sum += rest(whole, p.k(), a, Native.at(b, (long) j * p.b().row()));
      }
      to.setAtIndex(JAVA_FLOAT, j, p.accumulate() ? to.getAtIndex(JAVA_FLOAT, j) + sum : sum);
    }
  }

  private static float rest(int from, int depth, long a, long b) {
    MemorySegment as = Native.floats(a, depth);
    MemorySegment bs = Native.floats(b, depth);
    float sum = 0;
    for (int k = from; k < depth; k++) {
      sum += as.getAtIndex(JAVA_FLOAT, k) * bs.getAtIndex(JAVA_FLOAT, k);
    }
    return sum;
  }
}
