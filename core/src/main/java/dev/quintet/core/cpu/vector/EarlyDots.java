package dev.quintet.core.cpu.vector;

import dev.quintet.core.backend.Product;
import dev.quintet.core.cpu.scalar.ScalarMatmul;
import dev.quintet.core.cpu.scalar.ScalarScratch;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.Workspace;

/// The products of [SkinnyProduct] in plain Java, with the same bits: each of its lanes is a sum of its own.
public final class EarlyDots {
  /// Elements of B in a part.
  private static final int PART = 1 << 16;

  // the scratch arrays and the table
  private static final int B_ROW = 0;
  private static final int LEFT = 4;

  private EarlyDots() {}

  /// Multiplies one product that is not transposed in A and transposed in B, with vectors of `lanes` float32.
  static void multiply(Product p, int lanes, long a, long b, long c) {
    int columns = Math.max(8, PART / p.k());
    int parts = (p.n() + columns - 1) / columns;
    EarlyMatmul.run(
        (long) p.m() * p.n() * p.k(),
        parts,
        part -> {
          float[][] left = Workspace.rows(LEFT, p.m(), p.k());
          ScalarMatmul.take(a, p.a().row(), p.m(), p.k(), left);
          for (int j = part * columns; j < Math.min(p.n(), (part + 1) * columns); j++) {
            float[] right = ScalarScratch.load(B_ROW, Native.at(b, (long) j * p.b().row()), p.k());
            for (int i = 0; i < p.m(); i++) {
              float sum = dot(left[i], right, p.k(), lanes);
              long to = Native.at(c, (long) i * p.c().row() + j);
              ScalarScratch.setFloat(to, p.accumulate() ? ScalarScratch.floatAt(to) + sum : sum);
            }
          }
        });
  }

  private static float dot(float[] a, float[] b, int k, int lanes) {
    int whole = k / lanes * lanes;
    float sum = lanes == 16 ? sixteen(a, b, whole) : eight(a, b, whole);
    if (whole == k) {
      return sum;
    }
    float rest = 0;
    for (int i = whole; i < k; i++) {
      rest += a[i] * b[i];
    }
    return sum + rest;
  }

  private static float eight(float[] a, float[] b, int count) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    for (int i = 0; i < count; i += 8) {
      s0 = Math.fma(a[i], b[i], s0);
      s1 = Math.fma(a[i + 1], b[i + 1], s1);
      s2 = Math.fma(a[i + 2], b[i + 2], s2);
      s3 = Math.fma(a[i + 3], b[i + 3], s3);
      s4 = Math.fma(a[i + 4], b[i + 4], s4);
      s5 = Math.fma(a[i + 5], b[i + 5], s5);
      s6 = Math.fma(a[i + 6], b[i + 6], s6);
      s7 = Math.fma(a[i + 7], b[i + 7], s7);
    }
    return sum(s0, s1, s2, s3, s4, s5, s6, s7);
  }

  private static float sixteen(float[] a, float[] b, int count) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    float t0 = 0;
    float t1 = 0;
    float t2 = 0;
    float t3 = 0;
    float t4 = 0;
    float t5 = 0;
    float t6 = 0;
    float t7 = 0;
    for (int i = 0; i < count; i += 16) {
      s0 = Math.fma(a[i], b[i], s0);
      s1 = Math.fma(a[i + 1], b[i + 1], s1);
      s2 = Math.fma(a[i + 2], b[i + 2], s2);
      s3 = Math.fma(a[i + 3], b[i + 3], s3);
      s4 = Math.fma(a[i + 4], b[i + 4], s4);
      s5 = Math.fma(a[i + 5], b[i + 5], s5);
      s6 = Math.fma(a[i + 6], b[i + 6], s6);
      s7 = Math.fma(a[i + 7], b[i + 7], s7);
      t0 = Math.fma(a[i + 8], b[i + 8], t0);
      t1 = Math.fma(a[i + 9], b[i + 9], t1);
      t2 = Math.fma(a[i + 10], b[i + 10], t2);
      t3 = Math.fma(a[i + 11], b[i + 11], t3);
      t4 = Math.fma(a[i + 12], b[i + 12], t4);
      t5 = Math.fma(a[i + 13], b[i + 13], t5);
      t6 = Math.fma(a[i + 14], b[i + 14], t6);
      t7 = Math.fma(a[i + 15], b[i + 15], t7);
    }
    return sum(s0 + t0, s1 + t1, s2 + t2, s3 + t3, s4 + t4, s5 + t5, s6 + t6, s7 + t7);
  }

  /// The tree of `Lanes.sum`.
  private static float sum(
      float s0, float s1, float s2, float s3, float s4, float s5, float s6, float s7) {
    return ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7));
  }
}
