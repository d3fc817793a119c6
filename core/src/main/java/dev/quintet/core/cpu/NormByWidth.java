package dev.quintet.core.cpu;

import dev.quintet.core.backend.NormKernels;
import dev.quintet.core.cpu.scalar.ScalarNorm;
import dev.quintet.core.cpu.vector.VectorNorm;
import dev.quintet.core.cpu.work.EarlyForms;

/// Norms of narrow rows in plain Java, of others on vectors.
final class NormByWidth implements NormKernels {
  private final NormKernels narrow = new ScalarNorm();
  private final NormKernels wide = new VectorNorm();

  private NormKernels of(long width) {
    return width < EarlyForms.WIDE ? narrow : wide;
  }

  @Override
  public void rmsNorm(long rows, int width, float epsilon, long x, long weight, long y, long rstd) {
    of(width).rmsNorm(rows, width, epsilon, x, weight, y, rstd);
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
    of(width).rmsNormBackward(rows, width, x, weight, rstd, dy, dx, addDx, dWeight, addDWeight);
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
    of(width).layerNorm(rows, width, epsilon, x, weight, bias, y, mean, rstd);
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
    of(width)
        .layerNormBackward(
            rows,
            width,
            x,
            weight,
            mean,
            rstd,
            dy,
            dx,
            addDx,
            dWeight,
            addDWeight,
            dBias,
            addDBias);
  }
}
