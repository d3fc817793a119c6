package dev.quintet.core.cpu;

import static dev.quintet.core.cpu.Lanes.F;
import static dev.quintet.core.cpu.Lanes.N;
import static dev.quintet.core.cpu.Lanes.ORDER;

import dev.quintet.core.backend.Product;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// C = A Bᵀ for a few rows of A: dot products, four rows of B at a time, so that B is read from memory once.
final class SkinnyProduct {
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
            columns(p, a, Native.at(b, (long) j * p.ldb()), Native.at(c, j), Math.min(4, j1 - j));
          }
        });
  }

  private static void columns(Product p, long a, long b, long c, int width) {
    int step = width == 4 ? p.ldb() : 0;
    for (int x = 0; x < (width == 4 ? 1 : width); x++) {
      long row = Native.at(b, (long) x * p.ldb());
      for (int i = 0; i < p.m(); i++) {
        one(p, Native.at(a, (long) i * p.lda()), row, step, Native.at(c, (long) i * p.ldc() + x));
      }
    }
  }

  /// One row of A by four rows of B, or by one when their step is 0.
  private static void one(Product p, long a, long b, int step, long c) {
    int depth = p.k();
    MemorySegment as = Native.floats(a, depth);
    MemorySegment bs = Native.floats(b, 3L * step + depth);
    long r1 = 4L * step;
    long r2 = 8L * step;
    long r3 = 12L * step;
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int k = 0;
    for (; k <= depth - N; k += N) {
      long o = 4L * k;
      FloatVector x = FloatVector.fromMemorySegment(F, as, o, ORDER);
      s0 = x.fma(FloatVector.fromMemorySegment(F, bs, o, ORDER), s0);
      s1 = x.fma(FloatVector.fromMemorySegment(F, bs, o + r1, ORDER), s1);
      s2 = x.fma(FloatVector.fromMemorySegment(F, bs, o + r2, ORDER), s2);
      s3 = x.fma(FloatVector.fromMemorySegment(F, bs, o + r3, ORDER), s3);
    }
    if (k < depth) {
      long o = 4L * k;
      VectorMask<Float> mask = Lanes.first(depth - k);
      FloatVector x = FloatVector.fromMemorySegment(F, as, o, ORDER, mask);
      s0 = x.fma(FloatVector.fromMemorySegment(F, bs, o, ORDER, mask), s0);
      s1 = x.fma(FloatVector.fromMemorySegment(F, bs, o + r1, ORDER, mask), s1);
      s2 = x.fma(FloatVector.fromMemorySegment(F, bs, o + r2, ORDER, mask), s2);
      s3 = x.fma(FloatVector.fromMemorySegment(F, bs, o + r3, ORDER, mask), s3);
    }
    store(c, step != 0, p.accumulate(), s0, s1, s2, s3);
  }

  private static void store(
      long c,
      boolean four,
      boolean add,
      FloatVector s0,
      FloatVector s1,
      FloatVector s2,
      FloatVector s3) {
    MemorySegment to = Native.floats(c, four ? 4 : 1);
    put(to, 0, Lanes.sum(s0), add);
    if (four) {
      put(to, 1, Lanes.sum(s1), add);
      put(to, 2, Lanes.sum(s2), add);
      put(to, 3, Lanes.sum(s3), add);
    }
  }

  private static void put(MemorySegment to, int at, float value, boolean add) {
    to.setAtIndex(
        ValueLayout.JAVA_FLOAT,
        at,
        add ? to.getAtIndex(ValueLayout.JAVA_FLOAT, at) + value : value);
  }
}
