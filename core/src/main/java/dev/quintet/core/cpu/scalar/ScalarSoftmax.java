package dev.quintet.core.cpu.scalar;

import static dev.quintet.core.cpu.scalar.ScalarScratch.load;
import static dev.quintet.core.cpu.work.Native.at;

import dev.quintet.core.backend.SoftmaxKernels;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.Workspace;

/// Softmax row by row, each without the Vector API.
public class ScalarSoftmax implements SoftmaxKernels {

  @Override
  public final void softmax(long rows, int width, long x, long y) {
    rows(rows, width, i -> softmax(width, at(x, i), at(y, i)));
  }

  /// Softmax of one row of `n` elements.
  protected void softmax(int n, long x, long y) {
    float[] row = load(0, x, n);
    normalise(row, n);
    ScalarScratch.store(row, y, n);
  }

  @Override
  public final void softmaxBackward(
      long rows, int width, long y, long dy, long dx, boolean accumulate) {
    rows(rows, width, i -> softmaxBackward(width, at(y, i), at(dy, i), at(dx, i), accumulate));
  }

  /// The gradient of one row.
  protected void softmaxBackward(int n, long y, long dy, long dx, boolean add) {
    float[] p = load(0, y, n);
    float[] d = load(1, dy, n);
    float dot = (float) ScalarRows.dot(p, d, n);
    for (int i = 0; i < n; i++) {
      d[i] = p[i] * (d[i] - dot);
    }
    ScalarRows.put(d, dx, n, add, 0);
  }

  @Override
  public final void logSoftmax(long rows, int width, long x, long y) {
    rows(rows, width, i -> logSoftmax(width, at(x, i), at(y, i)));
  }

  /// The logarithms of one row's softmax.
  protected void logSoftmax(int n, long x, long y) {
    float[] row = load(0, x, n);
    float[] exponentials = Workspace.floats(1, n);
    float max = ScalarRows.max(row, 0, n);
    System.arraycopy(row, 0, exponentials, 0, n);
    ScalarRows.exponentials(exponentials, max, n);
    float log = (float) StrictMath.log(ScalarRows.sum(exponentials, 0, n));
    for (int i = 0; i < n; i++) {
      row[i] = row[i] - max - log;
    }
    ScalarScratch.store(row, y, n);
  }

  @Override
  public final void logSoftmaxBackward(
      long rows, int width, long y, long dy, long dx, boolean accumulate) {
    rows(rows, width, i -> logSoftmaxBackward(width, at(y, i), at(dy, i), at(dx, i), accumulate));
  }

  /// The gradient of one row of logarithms.
  protected void logSoftmaxBackward(int n, long y, long dy, long dx, boolean add) {
    float[] logs = load(0, y, n);
    float[] d = load(1, dy, n);
    float sum = (float) ScalarRows.sum(d, 0, n);
    ScalarMath.exp(logs, logs, n);
    for (int i = 0; i < n; i++) {
      d[i] -= logs[i] * sum;
    }
    ScalarRows.put(d, dx, n, add, 0);
  }

  /// Puts softmax(row) in place of a row, and returns its log-sum-exp.
  static float normalise(float[] row, int width) {
    float max = ScalarRows.max(row, 0, width);
    ScalarRows.exponentials(row, max, width);
    double sum = ScalarRows.sum(row, 0, width);
    ScalarRows.scale(row, (float) (1 / sum), width);
    return max + (float) StrictMath.log(sum);
  }

  /// What is done with one row, given its first element's index.
  @FunctionalInterface
  private interface Row {
    void run(long element);
  }

  private static void rows(long rows, int width, Row row) {
    if (width == 0) {
      return;
    }
    Cuts.items(
        rows,
        width,
        (from, n) -> {
          for (long r = from; r < from + n; r++) {
            row.run(r * width);
          }
        });
  }
}
