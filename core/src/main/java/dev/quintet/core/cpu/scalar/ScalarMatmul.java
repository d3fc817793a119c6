package dev.quintet.core.cpu.scalar;

import static dev.quintet.core.cpu.scalar.ScalarScratch.load;

import dev.quintet.core.backend.MatmulKernels;
import dev.quintet.core.backend.Product;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.WorkerPool;
import dev.quintet.core.cpu.work.Workspace;
import java.util.Arrays;

/// Matrix products without the Vector API.
///
/// C is cut into tiles. For each, panels of A and B are copied to heap arrays, both row by row
/// whatever their form, and rows of B, eight at a time, are added to rows of C: a loop over
/// neighbouring elements that the compiler vectorises.
public final class ScalarMatmul implements MatmulKernels {
  private static final int ROWS = 128;
  private static final int COLUMNS = 256;
  private static final int DEPTH = 64;

  /// Up to so many rows of A it does not pay to turn B round.
  private static final int FEW_ROWS = 4;

  // the scratch tables and arrays
  private static final int C_TILE = 0;
  private static final int A_PANEL = 1;
  private static final int B_PANEL = 2;
  private static final int TURNED = 3;
  private static final int FEW_LEFT = 4;

  @Override
  public void multiply(Product p, long a, long b, long c) {
    if (p.m() == 0 || p.n() == 0 || p.batch() == 0) {
      return;
    }
    if (p.m() <= FEW_ROWS && p.b().transposed() && !p.a().transposed()) {
      multiplyFewRows(p, a, b, c);
      return;
    }
    int down = (p.m() + ROWS - 1) / ROWS;
    int across = (p.n() + COLUMNS - 1) / COLUMNS;
    WorkerPool.shared()
        .run(
            Math.toIntExact((long) p.batch() * down * across),
            part -> {
              long matrix = part / (down * across);
              multiplyTile(
                  p,
                  Native.at(a, matrix * p.a().next()),
                  Native.at(b, matrix * p.b().next()),
                  Native.at(c, matrix * p.c().next()),
                  part / across % down * ROWS,
                  part % across * COLUMNS);
            });
  }

  private static void multiplyTile(Product p, long a, long b, long c, int row, int column) {
    int rows = Math.min(ROWS, p.m() - row);
    int columns = Math.min(COLUMNS, p.n() - column);
    float[][] tile = Workspace.rows(C_TILE, rows, columns);
    float[][] left = Workspace.rows(A_PANEL, rows, DEPTH);
    float[][] right = Workspace.rows(B_PANEL, DEPTH, columns);
    for (int i = 0; i < rows; i++) {
      if (p.accumulate()) {
        load(Native.at(c, (row + i) * (long) p.c().row() + column), tile[i], 0, columns);
      } else {
        Arrays.fill(tile[i], 0, columns, 0);
      }
    }
    for (int from = 0; from < p.k(); from += DEPTH) {
      int depth = Math.min(DEPTH, p.k() - from);
      if (p.a().transposed()) {
        turn(Native.at(a, from * (long) p.a().row() + row), p.a().row(), depth, rows, left);
      } else {
        take(Native.at(a, row * (long) p.a().row() + from), p.a().row(), rows, depth, left);
      }
      if (p.b().transposed()) {
        turn(Native.at(b, column * (long) p.b().row() + from), p.b().row(), columns, depth, right);
      } else {
        take(Native.at(b, from * (long) p.b().row() + column), p.b().row(), depth, columns, right);
      }
      for (int i = 0; i < rows; i++) {
        addRows(left[i], depth, right, tile[i], columns);
      }
    }
    for (int i = 0; i < rows; i++) {
      ScalarScratch.store(tile[i], Native.at(c, (row + i) * (long) p.c().row() + column), columns);
    }
  }

  /// Adds `rows` rows of b, each multiplied by an element of a, to c.
  static void addRows(float[] a, int rows, float[][] b, float[] c, int width) {
    int row = 0;
    for (; row <= rows - 8; row += 8) {
      addEight(a, row, b, c, width);
    }
    for (; row < rows; row++) {
      addOne(a[row], b[row], c, width);
    }
  }

  /// Adds eight rows of b. The sum of products comes first and c last: only so is it vectorised.
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
      c[i] +=
          a0 * b0[i]
              + a1 * b1[i]
              + a2 * b2[i]
              + a3 * b3[i]
              + a4 * b4[i]
              + a5 * b5[i]
              + a6 * b6[i]
              + a7 * b7[i];
    }
  }

  /// c += a b.
  static void addOne(float a, float[] b, float[] c, int width) {
    for (int i = 0; i < width; i++) {
      c[i] += a * b[i];
    }
  }

  /// Copies a matrix row by row.
  public static void take(long address, int apart, int rows, int columns, float[][] to) {
    for (int r = 0; r < rows; r++) {
      load(Native.at(address, r * (long) apart), to[r], 0, columns);
    }
  }

  /// Copies a matrix's rows to columns.
  public static void turn(long address, int apart, int rows, int columns, float[][] to) {
    float[][] eight = Workspace.rows(TURNED, 8, columns);
    int r = 0;
    for (; r <= rows - 8; r += 8) {
      take(Native.at(address, r * (long) apart), apart, 8, columns, eight);
      for (int c = 0; c < columns; c++) {
        float[] row = to[c];
        for (int i = 0; i < 8; i++) {
          row[r + i] = eight[i][c];
        }
      }
    }
    for (; r < rows; r++) {
      load(Native.at(address, r * (long) apart), eight[0], 0, columns);
      for (int c = 0; c < columns; c++) {
        to[c][r] = eight[0][c];
      }
    }
  }

  /// A few rows of A with the rows of a transposed B: each element of C is the product of two rows.
  private static void multiplyFewRows(Product p, long a, long b, long c) {
    Cuts.items(
        (long) p.batch() * p.n(),
        p.k(),
        (first, many) -> {
          float[][] left = Workspace.rows(FEW_LEFT, p.m(), p.k());
          long loaded = -1;
          for (long item = first; item < first + many; item++) {
            long matrix = item / p.n();
            long column = item % p.n();
            if (matrix != loaded) {
              take(Native.at(a, matrix * p.a().next()), p.a().row(), p.m(), p.k(), left);
              loaded = matrix;
            }
            long row = matrix * p.b().next() + column * p.b().row();
            float[] right = load(B_PANEL, Native.at(b, row), p.k());
            for (int i = 0; i < p.m(); i++) {
              long at = Native.at(c, matrix * p.c().next() + i * (long) p.c().row() + column);
              float sum = dot(left[i], right, p.k());
              ScalarScratch.setFloat(at, p.accumulate() ? ScalarScratch.floatAt(at) + sum : sum);
            }
          }
        });
  }

  /// The product of two rows in float32, in eight sums side by side.
  private static float dot(float[] a, float[] b, int count) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    int i = 0;
    for (; i <= count - 8; i += 8) {
      s0 += a[i] * b[i];
      s1 += a[i + 1] * b[i + 1];
      s2 += a[i + 2] * b[i + 2];
      s3 += a[i + 3] * b[i + 3];
      s4 += a[i + 4] * b[i + 4];
      s5 += a[i + 5] * b[i + 5];
      s6 += a[i + 6] * b[i + 6];
      s7 += a[i + 7] * b[i + 7];
    }
    for (; i < count; i++) {
      s0 += a[i] * b[i];
    }
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
  }
}
