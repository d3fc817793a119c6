package dev.quintet.core.cpu.scalar;

import static dev.quintet.core.cpu.scalar.ScalarScratch.load;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.ComposedOptimizer;
import dev.quintet.core.backend.Span;
import dev.quintet.core.cpu.work.AdafactorSteps;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.WorkerPool;
import java.lang.foreign.MemorySegment;

/// Optimizer updates without the Vector API.
public final class ScalarOptimizer implements ComposedOptimizer {
  private final Backend backend;
  private final AdafactorSteps adafactor = new AdafactorSteps(new ScalarAdafactor());

  /// The kernels of this backend.
  public ScalarOptimizer(Backend backend) {
    this.backend = backend;
  }

  @Override
  public Backend backend() {
    return backend;
  }

  @Override
  public void adamW(AdamW update, Step step, Span.Places at, long count) {
    AdamWFactors f = AdamWFactors.of(update, step);
    ScalarScratch.chunks(
        count,
        (from, n) -> {
          float[] p = load(0, Native.at(at.parameter(), from), n);
          float[] g = load(1, Native.at(at.gradient(), from), n);
          float[] m = load(2, Native.at(at.first(), from), n);
          float[] v = load(3, Native.at(at.second(), from), n);
          for (int i = 0; i < n; i++) {
            g[i] *= f.scale();
          }
          for (int i = 0; i < n; i++) {
            m[i] = f.beta1() * m[i] + f.rest1() * g[i];
          }
          for (int i = 0; i < n; i++) {
            v[i] = f.beta2() * v[i] + f.rest2() * g[i] * g[i];
          }
          for (int i = 0; i < n; i++) {
            float size = (float) Math.sqrt(v[i]) * f.root() + f.epsilon();
            p[i] = f.keep() * p[i] - f.rate() * m[i] / size;
          }
          ScalarScratch.store(p, Native.at(at.parameter(), from), n);
          ScalarScratch.store(m, Native.at(at.first(), from), n);
          ScalarScratch.store(v, Native.at(at.second(), from), n);
        });
  }

  @Override
  public void adamWRounded(AdamW update, Step step, Span.Places at, long count, long key) {
    NarrowAdamW.update(update, step, at, count, key);
  }

  @Override
  public void adafactor(Adafactor update, Step step, Span.Places at, Matrices axes) {
    adafactor.update(update, step, at, axes);
  }

  @Override
  public void sumOfSquares(long x, long count, long sum, boolean add) {
    long part = Cuts.PART;
    int parts = Math.toIntExact((count + part - 1) / part);
    double[] sums = new double[parts];
    WorkerPool.shared()
        .run(
            parts,
            p -> {
              int n = (int) Math.min(part, count - p * part);
              float[] values = load(0, Native.at(x, p * part), n);
              sums[p] = ScalarRows.dot(values, values, n);
            });
    MemorySegment result = Native.bytes(sum, 8);
    double total = add ? result.get(JAVA_DOUBLE_UNALIGNED, 0) : 0;
    for (double one : sums) {
      total += one;
    }
    result.set(JAVA_DOUBLE_UNALIGNED, 0, total);
  }
}
