package dev.quintet.core.cpu;

import dev.quintet.core.backend.SoftmaxKernels;
import dev.quintet.core.cpu.scalar.ScalarSoftmax;
import dev.quintet.core.cpu.vector.VectorSoftmax;
import dev.quintet.core.cpu.work.EarlyForms;

/// Softmax of narrow rows in plain Java, of others on vectors.
final class SoftmaxByWidth implements SoftmaxKernels {
  private final SoftmaxKernels narrow = new ScalarSoftmax();
  private final SoftmaxKernels wide = new VectorSoftmax();

  private SoftmaxKernels of(long width) {
    return width < EarlyForms.WIDE ? narrow : wide;
  }

  @Override
  public void softmax(long rows, int width, long x, long y) {
    of(width).softmax(rows, width, x, y);
  }

  @Override
  public void softmaxBackward(long rows, int width, long y, long dy, long dx, boolean accumulate) {
    of(width).softmaxBackward(rows, width, y, dy, dx, accumulate);
  }

  @Override
  public void logSoftmax(long rows, int width, long x, long y) {
    of(width).logSoftmax(rows, width, x, y);
  }

  @Override
  public void logSoftmaxBackward(
      long rows, int width, long y, long dy, long dx, boolean accumulate) {
    of(width).logSoftmaxBackward(rows, width, y, dy, dx, accumulate);
  }
}
