package dev.quintet.core.cpu.scalar;

import static dev.quintet.core.cpu.scalar.ScalarScratch.floatAt;
import static dev.quintet.core.cpu.scalar.ScalarScratch.load;
import static dev.quintet.core.cpu.scalar.ScalarScratch.setFloat;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.NormCall;
import dev.quintet.core.backend.NormKernels;
import dev.quintet.core.backend.NormRows;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.WorkerPool;
import dev.quintet.core.cpu.work.Workspace;

/// RMS norm and layer norm without the Vector API.
///
/// RMS norm is layer norm about a mean of zero, and shares its gradient.
///
/// @param backend of the kernels that fused forms are composed of
public record ScalarNorm(Backend backend) implements NormKernels {
  /// At most so many parts have sums of their own for the weight's gradient.
  private static final int PARTS = 32;

  @Override
  public void norm(NormCall call, NormRows rows, long y) {
    int width = call.width();
    Cuts.items(
        call.rows(),
        width,
        (first, many) -> {
          float[] w = load(1, rows.weight(), width);
          float[] b = rows.centred() ? load(2, rows.bias(), width) : w;
          for (long row = first; row < first + many; row++) {
            float[] values = load(0, Native.at(rows.x(), row * width), width);
            if (rows.centred()) {
              float centre = (float) (ScalarRows.sum(values, 0, width) / width);
              for (int i = 0; i < width; i++) {
                values[i] -= centre;
              }
              setFloat(Native.at(rows.mean(), row), centre);
            }
            double square = ScalarRows.dot(values, values, width) / width;
            float scale = (float) (1 / Math.sqrt(square + call.epsilon()));
            for (int i = 0; i < width; i++) {
              values[i] = values[i] * scale * w[i];
            }
            if (rows.centred()) {
              ScalarRows.add(b, values, width);
            }
            ScalarScratch.store(values, Native.at(y, row * width), width);
            setFloat(Native.at(rows.rstd(), row), scale);
          }
        });
  }

  @Override
  public void normBackward(
      NormCall call, NormRows rows, long dy, Gradient dx, Gradient dWeight, Gradient dBias) {
    int width = call.width();
    long each =
        Math.max(Math.max(1, Cuts.PART / Math.max(1, width)), (call.rows() + PARTS - 1) / PARTS);
    int parts = (int) ((call.rows() + each - 1) / each);
    float[][] weightSums = new float[parts][dWeight.wanted() ? width : 0];
    float[][] biasSums = new float[parts][dBias.wanted() ? width : 0];
    WorkerPool.shared()
        .run(
            parts,
            part -> {
              float[] w = load(0, rows.weight(), width);
              for (long row = part * each; row < Math.min(call.rows(), (part + 1) * each); row++) {
                float[] normed = load(1, Native.at(rows.x(), row * width), width);
                float[] g = load(2, Native.at(dy, row * width), width);
                float centre = rows.centred() ? floatAt(Native.at(rows.mean(), row)) : 0;
                float scale = floatAt(Native.at(rows.rstd(), row));
                for (int i = 0; i < width; i++) {
                  normed[i] = (normed[i] - centre) * scale;
                }
                addColumns(g, normed, width, weightSums[part], biasSums[part]);
                if (dx.wanted()) {
                  backwardRow(normed, g, w, width, scale, rows.centred());
                  ScalarRows.put(g, Native.at(dx.address(), row * width), width, dx.add(), 3);
                }
              }
            });
    storeSums(weightSums, width, dWeight);
    storeSums(biasSums, width, dBias);
  }

  private static void addColumns(
      float[] dy, float[] normed, int width, float[] weightSums, float[] biasSums) {
    if (weightSums.length > 0) {
      for (int i = 0; i < width; i++) {
        weightSums[i] += dy[i] * normed[i];
      }
    }
    if (biasSums.length > 0) {
      for (int i = 0; i < width; i++) {
        biasSums[i] += dy[i];
      }
    }
  }

  /// Puts dx in place of dy: with n the normed row and g = dy w, it is rstd (g - mean(g) - n mean(g
  /// n)), without mean(g) where the norm does not subtract a mean.
  private static void backwardRow(
      float[] normed, float[] dy, float[] w, int width, float rstd, boolean centred) {
    for (int i = 0; i < width; i++) {
      dy[i] *= w[i];
    }
    float mean = centred ? (float) (ScalarRows.sum(dy, 0, width) / width) : 0;
    float slope = (float) (ScalarRows.dot(dy, normed, width) / width);
    for (int i = 0; i < width; i++) {
      dy[i] = rstd * (dy[i] - mean - normed[i] * slope);
    }
  }

  private static void storeSums(float[][] parts, int width, Gradient sums) {
    if (!sums.wanted()) {
      return;
    }
    float[] total = Workspace.floats(0, width);
    for (int i = 0; i < width; i++) {
      double sum = 0;
      for (float[] part : parts) {
        sum += part[i];
      }
      total[i] = (float) sum;
    }
    ScalarRows.put(total, sums.address(), width, sums.add(), 1);
  }
}
