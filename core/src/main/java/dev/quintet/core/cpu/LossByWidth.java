package dev.quintet.core.cpu;

import dev.quintet.core.backend.LossKernels;
import dev.quintet.core.cpu.scalar.ScalarLoss;
import dev.quintet.core.cpu.vector.VectorLoss;
import dev.quintet.core.cpu.work.EarlyForms;

/// Cross entropy of narrow rows in plain Java, of others on vectors.
final class LossByWidth implements LossKernels {
  private final LossKernels narrow = new ScalarLoss();
  private final LossKernels wide = new VectorLoss();

  private LossKernels of(long width) {
    return width < EarlyForms.WIDE ? narrow : wide;
  }

  @Override
  public void crossEntropy(
      long rows,
      int width,
      int ignore,
      float smoothing,
      long logits,
      long labels,
      long losses,
      long logSumExp) {
    of(width).crossEntropy(rows, width, ignore, smoothing, logits, labels, losses, logSumExp);
  }

  @Override
  public void crossEntropyBackward(
      long rows,
      int width,
      int ignore,
      float smoothing,
      long logits,
      long labels,
      long logSumExp,
      long dLosses,
      long dLogits,
      boolean accumulate) {
    of(width)
        .crossEntropyBackward(
            rows,
            width,
            ignore,
            smoothing,
            logits,
            labels,
            logSumExp,
            dLosses,
            dLogits,
            accumulate);
  }
}
