package dev.quintet.core.cpu.scalar;

import static dev.quintet.core.cpu.work.Native.at;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.quintet.core.backend.OptimizerKernels.AdamW;
import dev.quintet.core.backend.OptimizerKernels.Step;
import dev.quintet.core.backend.Span;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.Workspace;
import dev.quintet.core.random.Site;
import java.lang.foreign.MemorySegment;

/// AdamW whose moments are stored as bfloat16 and computed in float32: 20 bytes a parameter instead of 28.
///
/// They are rounded up or down at random, as likely as they are near. Rounded to the nearest, a second moment would stay where
/// it is: it changes by a thousandth a step, and bfloat16 has steps of four to eight thousandths. The random bits are a
/// function of a key, the update's number and the element, so that neither threads nor a resumed run change them. It is
/// written for the compiler to vectorise, without the Vector API.
public final class NarrowAdamW {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private NarrowAdamW() {}

  /// Updates one float32 parameter.
  ///
  /// @param at first and second are bfloat16, all else float32
  /// @param key of the rounding
  public static void update(AdamW update, Step step, Span.Places at, long count, long key) {
    AdamWFactors f = AdamWFactors.of(update, step);
    long now = Site.mix64(key + GOLDEN_GAMMA * step.count());
    ScalarScratch.chunks(
        count,
        (from, n) -> {
          float[] p = ScalarScratch.load(0, at(at.parameter(), from), n);
          float[] g = ScalarScratch.load(1, at(at.gradient(), from), n);
          MemorySegment first = Native.bytes(at.first() + 2 * from, 2L * n);
          MemorySegment second = Native.bytes(at.second() + 2 * from, 2L * n);
          float[] m = widen(first, Workspace.floats(2, n), n);
          float[] v = widen(second, Workspace.floats(3, n), n);
          loop(f, p, g, m, v, n);
          ScalarScratch.store(p, at(at.parameter(), from), n);
          round(now + from, m, v, first, second, n);
        });
  }

  private static void loop(AdamWFactors f, float[] p, float[] g, float[] m, float[] v, int n) {
    for (int i = 0; i < n; i++) {
      float d = g[i] * f.scale();
      m[i] = f.beta1() * m[i] + f.rest1() * d;
      v[i] = f.beta2() * v[i] + f.rest2() * d * d;
      p[i] = f.keep() * p[i] - f.rate() * m[i] / ((float) Math.sqrt(v[i]) * f.root() + f.epsilon());
    }
  }

  private static float[] widen(MemorySegment from, float[] to, int n) {
    for (int i = 0; i < n; i++) {
      to[i] = Float.intBitsToFloat(from.get(JAVA_SHORT_UNALIGNED, 2L * i) << 16);
    }
    return to;
  }

  /// Rounds both moments, each by 16 random bits: what they carry into the upper half rounds away from 0.
  private static void round(
      long counter, float[] m, float[] v, MemorySegment first, MemorySegment second, int n) {
    for (int i = 0; i < n; i++) {
      long random = Site.mix64(counter + i);
      first.set(JAVA_SHORT_UNALIGNED, 2L * i, rounded(m[i], (int) random & 0xFFFF));
      second.set(JAVA_SHORT_UNALIGNED, 2L * i, rounded(v[i], (int) (random >>> 32) & 0xFFFF));
    }
  }

  private static short rounded(float x, int random) {
    return (short) (Float.floatToRawIntBits(x) + random >>> 16);
  }
}
