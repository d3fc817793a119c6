package dev.quintet.core.cpu;

import static dev.quintet.core.cpu.ScalarScratch.floats;
import static dev.quintet.core.cpu.ScalarScratch.load;

import dev.quintet.core.backend.MatmulKernels;
import dev.quintet.core.backend.Product;
import java.util.Arrays;

/// Matrix products without the Vector API.
///
/// C is cut into tiles. For each, panels of A and B are copied to heap arrays, both row by row
/// whatever their form, and rows of B, eight at a time, are added to rows of C: a loop over
/// neighbouring elements that the compiler vectorises.
final class ScalarMatmul implements MatmulKernels {
  private static final int ROWS = 128;
  private static final int COLUMNS = 256;
  private static final int DEPTH = 64;

  /// Up to so many rows of A it does not pay to turn B round.
  private static final int FEW_ROWS = 4;

  private static final int C_TILE = 0;
  private static final int A_PANEL = 1;
  private static final int B_PANEL = 2;
  private static final int TURNED = 3;

  @Override
  public void multiply(Product p, long a, long b, long c) {
    if (p.m() == 0 || p.n() == 0 || p.batch() == 0) {
      return;
    }
    if (p.m() <= FEW_ROWS && p.transposeB() && !p.transposeA()) {
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
              int row = part / across % down * ROWS;
              int column = part % across * COLUMNS;
              multiplyTile(
                  p,
                  Native.at(a, matrix * p.strideA()),
                  Native.at(b, matrix * p.strideB()),
                  Native.at(c, matrix * p.strideC()),
                  row,
                  column);
            });
  }

  private static void multiplyTile(Product p, long a, long b, long c, int row, int column) {
    int rows = Math.min(ROWS, p.m() - row);
    int columns = Math.min(COLUMNS, p.n() - column);
    float[] tile = floats(C_TILE, ROWS * COLUMNS);
    float[] left = floats(A_PANEL, ROWS * DEPTH);
    float[] right = floats(B_PANEL, DEPTH * COLUMNS);
    Arrays.fill(tile, 0, rows * COLUMNS, 0);
    if (p.accumulate()) {
      for (int i = 0; i < rows; i++) {
        load(Native.at(c, (row + i) * (long) p.ldc() + column), tile, i * COLUMNS, columns);
      }
    }
    for (int from = 0; from < p.k(); from += DEPTH) {
      int depth = Math.min(DEPTH, p.k() - from);
      if (p.transposeA()) {
        turn(Native.at(a, from * (long) p.lda() + row), p.lda(), depth, rows, left, DEPTH);
      } else {
        take(Native.at(a, row * (long) p.lda() + from), p.lda(), rows, depth, left, DEPTH);
      }
      if (p.transposeB()) {
        turn(Native.at(b, column * (long) p.ldb() + from), p.ldb(), columns, depth, right, COLUMNS);
      } else {
        take(Native.at(b, from * (long) p.ldb() + column), p.ldb(), depth, columns, right, COLUMNS);
      }
      for (int i = 0; i < rows; i++) {
        addRows(left, i * DEPTH, depth, right, COLUMNS, tile, i * COLUMNS, columns);
      }
    }
    for (int i = 0; i < rows; i++) {
      ScalarScratch.store(
          tile, i * COLUMNS, Native.at(c, (row + i) * (long) p.ldc() + column), columns);
    }
  }

  /// Adds `rows` rows of b, each multiplied by an element of a, to a row of c.
  static void addRows(
      float[] a, int inA, int rows, float[] b, int stride, float[] c, int inC, int width) {
    int row = 0;
    for (; row <= rows - 8; row += 8) {
      float a0 = a[inA + row];
      float a1 = a[inA + row + 1];
      float a2 = a[inA + row + 2];
      float a3 = a[inA + row + 3];
      float a4 = a[inA + row + 4];
      float a5 = a[inA + row + 5];
      float a6 = a[inA + row + 6];
      float a7 = a[inA + row + 7];
      int b0 = row * stride;
      int b1 = b0 + stride;
      int b2 = b1 + stride;
      int b3 = b2 + stride;
      int b4 = b3 + stride;
      int b5 = b4 + stride;
      int b6 = b5 + stride;
      int b7 = b6 + stride;
      for (int i = 0; i < width; i++) {
        c[inC + i] +=
            a0 * b[b0 + i]
                + a1 * b[b1 + i]
                + a2 * b[b2 + i]
                + a3 * b[b3 + i]
                + a4 * b[b4 + i]
                + a5 * b[b5 + i]
                + a6 * b[b6 + i]
                + a7 * b[b7 + i];
      }
    }
    for (; row < rows; row++) {
      float one = a[inA + row];
      int in = row * stride;
      for (int i = 0; i < width; i++) {
        c[inC + i] += one * b[in + i];
      }
    }
  }

  /// Copies a matrix row by row.
  private static void take(long address, int apart, int rows, int columns, float[] to, int stride) {
    for (int r = 0; r < rows; r++) {
      load(Native.at(address, r * (long) apart), to, r * stride, columns);
    }
  }

  /// Copies a matrix's rows to columns.
  private static void turn(long address, int apart, int rows, int columns, float[] to, int stride) {
    float[] eight = floats(TURNED, 8 * columns);
    int r = 0;
    for (; r <= rows - 8; r += 8) {
      for (int i = 0; i < 8; i++) {
        load(Native.at(address, (r + i) * (long) apart), eight, i * columns, columns);
      }
      for (int c = 0; c < columns; c++) {
        int at = c * stride + r;
        for (int i = 0; i < 8; i++) {
          to[at + i] = eight[i * columns + c];
        }
      }
    }
    for (; r < rows; r++) {
      load(Native.at(address, r * (long) apart), eight, 0, columns);
      for (int c = 0; c < columns; c++) {
        to[c * stride + r] = eight[c];
      }
    }
  }

  /// A few rows of A with the rows of a transposed B: each element of C is the product of two rows.
  private static void multiplyFewRows(Product p, long a, long b, long c) {
    Cuts.items(
        (long) p.batch() * p.n(),
        p.k(),
        (first, many) -> {
          float[] left = floats(A_PANEL, p.m() * p.k());
          long loaded = -1;
          for (long item = first; item < first + many; item++) {
            long matrix = item / p.n();
            int column = (int) (item % p.n());
            if (matrix != loaded) {
              take(Native.at(a, matrix * p.strideA()), p.lda(), p.m(), p.k(), left, p.k());
              loaded = matrix;
            }
            long row = matrix * p.strideB() + column * (long) p.ldb();
            float[] right = load(B_PANEL, Native.at(b, row), p.k());
            for (int i = 0; i < p.m(); i++) {
              long at = Native.at(c, matrix * p.strideC() + i * (long) p.ldc() + column);
              float sum = dot(left, i * p.k(), right, p.k());
              ScalarScratch.setFloat(at, p.accumulate() ? ScalarScratch.floatAt(at) + sum : sum);
            }
          }
        });
  }

  /// The product of two rows in float32, in eight sums side by side.
  private static float dot(float[] a, int inA, float[] b, int count) {
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
      s0 += a[inA + i] * b[i];
      s1 += a[inA + i + 1] * b[i + 1];
      s2 += a[inA + i + 2] * b[i + 2];
      s3 += a[inA + i + 3] * b[i + 3];
      s4 += a[inA + i + 4] * b[i + 4];
      s5 += a[inA + i + 5] * b[i + 5];
      s6 += a[inA + i + 6] * b[i + 6];
      s7 += a[inA + i + 7] * b[i + 7];
    }
    for (; i < count; i++) {
      s0 += a[inA + i] * b[i];
    }
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
  }
}
