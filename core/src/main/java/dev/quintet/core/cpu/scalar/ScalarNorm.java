package dev.quintet.core.cpu.scalar;

import static dev.quintet.core.cpu.scalar.ScalarScratch.floatAt;
import static dev.quintet.core.cpu.scalar.ScalarScratch.load;
import static dev.quintet.core.cpu.scalar.ScalarScratch.setFloat;

import dev.quintet.core.backend.NormKernels;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.WorkerPool;
import dev.quintet.core.cpu.work.Workspace;

/// RMS norm and layer norm without the Vector API.
///
/// RMS norm is layer norm about a mean of zero, and shares its gradient: where there is no mean, an
/// address of 0 stands for it.
public final class ScalarNorm implements NormKernels {
  /// At most so many parts have sums of their own for the weight's gradient.
  private static final int PARTS = 32;

  @Override
  public void rmsNorm(long rows, int width, float epsilon, long x, long weight, long y, long rstd) {
    Cuts.items(
        rows,
        width,
        (first, many) -> {
          float[] w = load(1, weight, width);
          for (long row = first; row < first + many; row++) {
            float[] values = load(0, Native.at(x, row * width), width);
            double square = ScalarRows.dot(values, values, width) / width;
            float scale = (float) (1 / Math.sqrt(square + epsilon));
            for (int i = 0; i < width; i++) {
              values[i] = values[i] * scale * w[i];
            }
            ScalarScratch.store(values, Native.at(y, row * width), width);
            setFloat(Native.at(rstd, row), scale);
          }
        });
  }

  @Override
  public void rmsNormBackward(
      long rows,
      int width,
      long x,
      long weight,
      long rstd,
      long dy,
      long dx,
      boolean addDx,
      long dWeight,
      boolean addDWeight) {
    backward(rows, width, x, weight, 0, rstd, dy, dx, addDx, dWeight, addDWeight, 0, false);
  }

  @Override
  public void layerNorm(
      long rows,
      int width,
      float epsilon,
      long x,
      long weight,
      long bias,
      long y,
      long mean,
      long rstd) {
    Cuts.items(
        rows,
        width,
        (first, many) -> {
          float[] w = load(1, weight, width);
          float[] b = load(2, bias, width);
          for (long row = first; row < first + many; row++) {
            float[] values = load(0, Native.at(x, row * width), width);
            float centre = (float) (ScalarRows.sum(values, 0, width) / width);
            for (int i = 0; i < width; i++) {
              values[i] -= centre;
            }
            double variance = ScalarRows.dot(values, values, width) / width;
            float scale = (float) (1 / Math.sqrt(variance + epsilon));
            for (int i = 0; i < width; i++) {
              values[i] = values[i] * scale * w[i] + b[i];
            }
            ScalarScratch.store(values, Native.at(y, row * width), width);
            setFloat(Native.at(mean, row), centre);
            setFloat(Native.at(rstd, row), scale);
          }
        });
  }

  @Override
  public void layerNormBackward(
      long rows,
      int width,
      long x,
      long weight,
      long mean,
      long rstd,
      long dy,
      long dx,
      boolean addDx,
      long dWeight,
      boolean addDWeight,
      long dBias,
      boolean addDBias) {
    backward(
        rows, width, x, weight, mean, rstd, dy, dx, addDx, dWeight, addDWeight, dBias, addDBias);
  }

  private static void backward(
      long rows,
      int width,
      long x,
      long weight,
      long mean,
      long rstd,
      long dy,
      long dx,
      boolean addDx,
      long dWeight,
      boolean addDWeight,
      long dBias,
      boolean addDBias) {
    long each = Math.max(Math.max(1, Cuts.PART / Math.max(1, width)), (rows + PARTS - 1) / PARTS);
    int parts = (int) ((rows + each - 1) / each);
    float[][] weightSums = new float[parts][dWeight == 0 ? 0 : width];
    float[][] biasSums = new float[parts][dBias == 0 ? 0 : width];
    WorkerPool.shared()
        .run(
            parts,
            part -> {
              float[] w = load(0, weight, width);
              for (long row = part * each; row < Math.min(rows, (part + 1) * each); row++) {
                float[] normed = load(1, Native.at(x, row * width), width);
                float[] g = load(2, Native.at(dy, row * width), width);
                float centre = mean == 0 ? 0 : floatAt(Native.at(mean, row));
                float scale = floatAt(Native.at(rstd, row));
                for (int i = 0; i < width; i++) {
                  normed[i] = (normed[i] - centre) * scale;
                }
                addColumns(g, normed, width, weightSums[part], biasSums[part]);
                if (dx != 0) {
                  backwardRow(normed, g, w, width, scale, mean != 0);
                  ScalarRows.put(g, Native.at(dx, row * width), width, addDx, 3);
                }
              }
            });
    storeSums(weightSums, width, dWeight, addDWeight);
    storeSums(biasSums, width, dBias, addDBias);
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

  private static void storeSums(float[][] parts, int width, long address, boolean accumulate) {
    if (address == 0) {
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
    ScalarRows.put(total, address, width, accumulate, 1);
  }
}
