package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.lane.Lanes.all;
import static dev.quintet.core.cpu.lane.Lanes.load;
import static dev.quintet.core.cpu.lane.Lanes.store;
import static dev.quintet.core.cpu.work.Native.at;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.ComposedOptimizer;
import dev.quintet.core.backend.Span;
import dev.quintet.core.cpu.lane.Lanes;
import dev.quintet.core.cpu.lane.RowMath;
import dev.quintet.core.cpu.lane.Tails;
import dev.quintet.core.cpu.scalar.NarrowAdamW;
import dev.quintet.core.cpu.scalar.ScalarOptimizer;
import dev.quintet.core.cpu.scalar.ScalarScratch;
import dev.quintet.core.cpu.work.AdafactorSteps;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.EarlyForms;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.PartBody;
import dev.quintet.core.cpu.work.WorkerPool;
import dev.quintet.core.cpu.work.Workspace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Optimizer updates on vectors: one pass, bound by the 28 bytes a parameter that must move.
public final class VectorOptimizer implements ComposedOptimizer {
  private final ComposedOptimizer scalar;
  private final EarlyForms early;
  private final AdafactorSteps adafactor = new AdafactorSteps(new VectorAdafactor());

  /// The kernels that take their early forms so far.
  public VectorOptimizer(Backend backend, EarlyForms early) {
    this.scalar = new ScalarOptimizer(backend);
    this.early = early;
  }

  @Override
  public Backend backend() {
    return scalar.backend();
  }

  @Override
  public void adamW(AdamW update, Step step, Span.Places at, long count) {
    Factors factors = Factors.of(update, step);
    if (early.take(count <= EarlyForms.SMALL, count)) {
      earlyAdamW(factors, at, count);
      return;
    }
    Cuts.elements(
        count,
        (from, n) ->
            adamW(
                factors,
                at(at.parameter(), from),
                at(at.gradient(), from),
                at(at.first(), from),
                at(at.second(), from),
                n));
  }

  /// The numbers of one update, computed in float64.
  private record Factors(
      float gradient,
      float keep,
      float first,
      float second,
      float secondKept,
      float root,
      float epsilon,
      float step) {

    static Factors of(AdamW u, Step step) {
      float rate = (float) step.rate();
      double correction1 = 1 - StrictMath.pow(u.beta1(), step.count());
      double correction2 = 1 - StrictMath.pow(u.beta2(), step.count());
      return new Factors(
          step.scale(),
          (float) (1 - (double) rate * (float) step.decay()),
          (float) (1 - (double) u.beta1()),
          (float) (1 - (double) u.beta2()),
          u.beta2(),
          (float) (1 / Math.sqrt(correction2)),
          u.epsilon(),
          (float) (-rate / correction1));
    }
  }

  /// As [#adamWLoop], with the same bits.
  private static void earlyAdamW(Factors f, Span.Places at, long count) {
    ScalarScratch.chunks(
        count,
        (from, n) -> {
          float[] p = ScalarScratch.load(0, at(at.parameter(), from), n);
          float[] g = ScalarScratch.load(1, at(at.gradient(), from), n);
          float[] m = ScalarScratch.load(2, at(at.first(), from), n);
          float[] v = ScalarScratch.load(3, at(at.second(), from), n);
          earlyAdamWLoop(f, p, g, m, v, n);
          ScalarScratch.store(p, at(at.parameter(), from), n);
          ScalarScratch.store(m, at(at.first(), from), n);
          ScalarScratch.store(v, at(at.second(), from), n);
        });
  }

  private static void earlyAdamWLoop(Factors f, float[] p, float[] g, float[] m, float[] v, int n) {
    for (int i = 0; i < n; i++) {
      float d = g[i] * f.gradient;
      m[i] = Math.fma(d - m[i], f.first, m[i]);
      v[i] = Math.fma(d * d, f.second, v[i] * f.secondKept);
      float direction = m[i] / Math.fma((float) Math.sqrt(v[i]), f.root, f.epsilon);
      p[i] = Math.fma(direction, f.step, p[i] * f.keep);
    }
  }

  private static void adamW(
      Factors f, long parameter, long gradient, long first, long second, int n) {
    int whole = Tails.whole(n);
    adamWLoop(f, parameter, gradient, first, second, whole);
    if (whole < n) {
      adamWLoop(
          f,
          Tails.in(0, parameter, n),
          Tails.in(1, gradient, n),
          Tails.in(2, first, n),
          Tails.in(3, second, n),
          Lanes.N);
      Tails.out(0, parameter, n);
      Tails.out(2, first, n);
      Tails.out(3, second, n);
    }
  }

  private static void adamWLoop(
      Factors f, long parameter, long gradient, long first, long second, int n) {
    MemorySegment p = Native.floats(parameter, n);
    MemorySegment g = Native.floats(gradient, n);
    MemorySegment m = Native.floats(first, n);
    MemorySegment v = Native.floats(second, n);
    FloatVector scale = all(f.gradient);
    FloatVector new1 = all(f.first);
    FloatVector new2 = all(f.second);
    FloatVector kept2 = all(f.secondKept);
    FloatVector root = all(f.root);
    FloatVector epsilon = all(f.epsilon);
    FloatVector step = all(f.step);
    FloatVector keep = all(f.keep);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector d = load(g, i).mul(scale);
      FloatVector a = load(m, i);
      a = d.sub(a).fma(new1, a);
      FloatVector b = d.mul(d).fma(new2, load(v, i).mul(kept2));
      store(a, m, i);
      store(b, v, i);
      FloatVector direction = a.div(b.sqrt().fma(root, epsilon));
      store(direction.fma(step, load(p, i).mul(keep)), p, i);
    }
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
    if (early.always(count <= EarlyForms.SMALL)) {
      scalar.sumOfSquares(x, count, sum, add);
      return;
    }
    int parts = Math.toIntExact((count + Cuts.PART - 1) / Cuts.PART);
    double[] results = Workspace.doubles(Workspace.CALL, parts);
    PartBody body =
        part -> {
          long from = (long) part * Cuts.PART;
          results[part] =
              RowMath.squaresInFloat64(at(x, from), (int) Math.min(Cuts.PART, count - from));
        };
    WorkerPool.shared().run(parts, body);
    MemorySegment to = Native.bytes(sum, Double.BYTES);
    double total = 0;
    for (int part = 0; part < parts; part++) {
      total += results[part];
    }
    to.set(JAVA_DOUBLE_UNALIGNED, 0, add ? to.get(JAVA_DOUBLE_UNALIGNED, 0) + total : total);
  }
}
