package dev.quintet.core.cpu;

import dev.quintet.core.backend.ReductionKernels;
import dev.quintet.core.cpu.scalar.ScalarReduction;
import dev.quintet.core.cpu.vector.VectorReduction;
import dev.quintet.core.cpu.work.EarlyForms;

/// Reductions along or down narrow rows in plain Java, others on vectors.
final class ReductionByWidth implements ReductionKernels {
  private final ReductionKernels narrow = new ScalarReduction();
  private final ReductionKernels wide = new VectorReduction();

  private ReductionKernels of(long width) {
    return width < EarlyForms.WIDE ? narrow : wide;
  }

  @Override
  public void reduce(Reduction op, long outer, int axis, long inner, long x, long y) {
    of(inner > 1 ? inner : axis).reduce(op, outer, axis, inner, x, y);
  }

  @Override
  public void argMax(long outer, int axis, long x, long indices) {
    of(axis).argMax(outer, axis, x, indices);
  }

  @Override
  public void topK(long outer, int axis, int k, long x, long values, long indices) {
    of(axis).topK(outer, axis, k, x, values, indices);
  }

  @Override
  public void cumulativeSum(long outer, int axis, long inner, boolean reverse, long x, long y) {
    of(inner > 1 ? inner : axis).cumulativeSum(outer, axis, inner, reverse, x, y);
  }
}
