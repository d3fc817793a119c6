package dev.quintet.core.cpu.scalar;

import static dev.quintet.core.cpu.scalar.ScalarScratch.load;

import dev.quintet.core.backend.SoftmaxKernels;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.Workspace;

/// Softmax of rows without the Vector API.
public final class ScalarSoftmax implements SoftmaxKernels {

  @Override
  public void softmax(long rows, int width, long x, long y) {
    eachRow(
        rows,
        width,
        at -> {
          float[] row = load(0, Native.at(x, at), width);
          normalise(row, width);
          ScalarScratch.store(row, Native.at(y, at), width);
        });
  }

  @Override
  public void softmaxBackward(long rows, int width, long y, long dy, long dx, boolean accumulate) {
    eachRow(
        rows,
        width,
        at -> {
          float[] p = load(0, Native.at(y, at), width);
          float[] d = load(1, Native.at(dy, at), width);
          float dot = (float) ScalarRows.dot(p, d, width);
          for (int i = 0; i < width; i++) {
            d[i] = p[i] * (d[i] - dot);
          }
          ScalarRows.put(d, Native.at(dx, at), width, accumulate, 0);
        });
  }

  @Override
  public void logSoftmax(long rows, int width, long x, long y) {
    eachRow(
        rows,
        width,
        at -> {
          float[] row = load(0, Native.at(x, at), width);
          float[] exponentials = Workspace.floats(1, width);
          float max = ScalarRows.max(row, 0, width);
          System.arraycopy(row, 0, exponentials, 0, width);
          ScalarRows.exponentials(exponentials, max, width);
          float log = (float) StrictMath.log(ScalarRows.sum(exponentials, 0, width));
          for (int i = 0; i < width; i++) {
            row[i] = row[i] - max - log;
          }
          ScalarScratch.store(row, Native.at(y, at), width);
        });
  }

  @Override
  public void logSoftmaxBackward(
      long rows, int width, long y, long dy, long dx, boolean accumulate) {
    eachRow(
        rows,
        width,
        at -> {
          float[] logs = load(0, Native.at(y, at), width);
          float[] d = load(1, Native.at(dy, at), width);
          float sum = (float) ScalarRows.sum(d, 0, width);
          ScalarMath.exp(logs, logs, width);
          for (int i = 0; i < width; i++) {
            d[i] -= logs[i] * sum;
          }
          ScalarRows.put(d, Native.at(dx, at), width, accumulate, 0);
        });
  }

  /// Puts softmax(row) in place of a row, and returns its log-sum-exp.
  static float normalise(float[] row, int width) {
    float max = ScalarRows.max(row, 0, width);
    ScalarRows.exponentials(row, max, width);
    double sum = ScalarRows.sum(row, 0, width);
    ScalarRows.scale(row, (float) (1 / sum), width);
    return max + (float) StrictMath.log(sum);
  }

  /// The work on the row that begins at an element.
  @FunctionalInterface
  interface Row {
    void run(long at);
  }

  static void eachRow(long rows, int width, Row body) {
    Cuts.items(
        rows,
        width,
        (first, many) -> {
          for (long row = first; row < first + many; row++) {
            body.run(row * width);
          }
        });
  }
}
