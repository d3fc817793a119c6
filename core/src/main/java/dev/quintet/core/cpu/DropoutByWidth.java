package dev.quintet.core.cpu;

import dev.quintet.core.backend.DropoutKernels;
import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.cpu.scalar.ScalarDropout;
import dev.quintet.core.cpu.vector.VectorDropout;
import dev.quintet.core.cpu.work.EarlyForms;

/// Dropout of narrow rows in plain Java, of others on vectors.
final class DropoutByWidth implements DropoutKernels {
  private final DropoutKernels narrow = new ScalarDropout();
  private final DropoutKernels wide = new VectorDropout();

  private DropoutKernels of(long width) {
    return width < EarlyForms.WIDE ? narrow : wide;
  }

  @Override
  public void dropout(DropoutMask mask, int rows, long width, long x, long y, boolean accumulate) {
    of(width).dropout(mask, rows, width, x, y, accumulate);
  }

  @Override
  public void residual(DropoutMask mask, int rows, long width, long x, long branch, long y) {
    of(width).residual(mask, rows, width, x, branch, y);
  }
}
