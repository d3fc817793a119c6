package dev.quintet.core.cpu.vector;

import dev.quintet.core.backend.Product;
import dev.quintet.core.cpu.scalar.ScalarMatmul;
import dev.quintet.core.cpu.scalar.ScalarRows;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.PartBody;
import dev.quintet.core.cpu.work.WorkerPool;
import dev.quintet.core.cpu.work.Workspace;
import java.util.Arrays;

/// The products of [VectorMatmul] in plain Java, with the same bits.
///
/// C is cut into tiles, and panels of A and B are copied to heap arrays row by row whatever their form, as in
/// [ScalarMatmul]. Each element of C is summed up as the register blocks do: along k one by one, fused, in the same
/// chunks.
public final class EarlyMatmul {
  private static final int ROWS = 128;
  private static final int COLUMNS = 256;
  private static final int DEPTH = 64;

  /// Fewer multiplications than this are the caller's alone.
  private static final long ALONE = 1 << 20;

  // the scratch tables
  private static final int SUMS = 0;
  private static final int A_PANEL = 1;
  private static final int B_PANEL = 2;

  private EarlyMatmul() {}

  /// Multiplies one product, whose k is not 0.
  static void multiply(Product p, long a, long b, long c) {
    int down = (p.m() + ROWS - 1) / ROWS;
    int across = (p.n() + COLUMNS - 1) / COLUMNS;
    run(
        (long) p.m() * p.n() * p.k(),
        down * across,
        part -> tile(p, a, b, c, part / across * ROWS, part % across * COLUMNS));
  }

  /// Runs parts, by the caller alone when there is little to do.
  static void run(long work, int parts, PartBody body) {
    if (work <= ALONE) {
      for (int part = 0; part < parts; part++) {
        body.run(part);
      }
    } else {
      WorkerPool.shared().run(parts, body);
    }
  }

  private static void tile(Product p, long a, long b, long c, int row, int column) {
    int rows = Math.min(ROWS, p.m() - row);
    int columns = Math.min(COLUMNS, p.n() - column);
    float[][] sums = Workspace.rows(SUMS, rows, columns);
    float[][] left = Workspace.rows(A_PANEL, rows, DEPTH);
    float[][] right = Workspace.rows(B_PANEL, DEPTH, columns);
    int chunk = VectorMatmul.chunk(p.k());
    for (int first = 0; first < p.k(); first += chunk) {
      int end = Math.min(p.k(), first + chunk);
      for (int i = 0; i < rows; i++) {
        Arrays.fill(sums[i], 0, columns, 0);
      }
      for (int from = first; from < end; from += DEPTH) {
        int depth = Math.min(DEPTH, end - from);
        if (p.a().transposed()) {
          ScalarMatmul.turn(
              Native.at(a, from * (long) p.a().row() + row), p.a().row(), depth, rows, left);
        } else {
          ScalarMatmul.take(
              Native.at(a, row * (long) p.a().row() + from), p.a().row(), rows, depth, left);
        }
        if (p.b().transposed()) {
          ScalarMatmul.turn(
              Native.at(b, column * (long) p.b().row() + from), p.b().row(), columns, depth, right);
        } else {
          ScalarMatmul.take(
              Native.at(b, from * (long) p.b().row() + column), p.b().row(), depth, columns, right);
        }
        for (int i = 0; i < rows; i++) {
          addRows(left[i], depth, right, sums[i], columns);
        }
      }
      for (int i = 0; i < rows; i++) {
        long to = Native.at(c, (row + i) * (long) p.c().row() + column);
        ScalarRows.put(sums[i], to, columns, p.accumulate() || first > 0, 0);
      }
    }
  }

  /// Adds `rows` rows of b, each multiplied by an element of a, to c, one after the other.
  private static void addRows(float[] a, int rows, float[][] b, float[] c, int width) {
    int row = 0;
    for (; row <= rows - 8; row += 8) {
      addEight(a, row, b, c, width);
    }
    for (; row < rows; row++) {
      addOne(a[row], b[row], c, width);
    }
  }

  private static void addEight(float[] a, int row, float[][] b, float[] c, int width) {
    float a0 = a[row];
    float a1 = a[row + 1];
    float a2 = a[row + 2];
    float a3 = a[row + 3];
    float a4 = a[row + 4];
    float a5 = a[row + 5];
    float a6 = a[row + 6];
    float a7 = a[row + 7];
    float[] b0 = b[row];
    float[] b1 = b[row + 1];
    float[] b2 = b[row + 2];
    float[] b3 = b[row + 3];
    float[] b4 = b[row + 4];
    float[] b5 = b[row + 5];
    float[] b6 = b[row + 6];
    float[] b7 = b[row + 7];
    for (int i = 0; i < width; i++) {
      float sum = Math.fma(a1, b1[i], Math.fma(a0, b0[i], c[i]));
      sum = Math.fma(a3, b3[i], Math.fma(a2, b2[i], sum));
      sum = Math.fma(a5, b5[i], Math.fma(a4, b4[i], sum));
      c[i] = Math.fma(a7, b7[i], Math.fma(a6, b6[i], sum));
    }
  }

  private static void addOne(float a, float[] b, float[] c, int width) {
    for (int i = 0; i < width; i++) {
      c[i] = Math.fma(a, b[i], c[i]);
    }
  }
}
