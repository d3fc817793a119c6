package dev.quintet.core.cpu;

import static dev.quintet.core.cpu.Lanes.F;
import static dev.quintet.core.cpu.Lanes.all;
import static dev.quintet.core.cpu.Lanes.first;
import static dev.quintet.core.cpu.Lanes.load;
import static dev.quintet.core.cpu.Lanes.store;
import static dev.quintet.core.cpu.Lanes.zero;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// The loops of norms over one row of n elements, and over the sums of weights' gradients.
final class NormLoops {
  private NormLoops() {}

  /// A row's length in whole vectors.
  static int padded(int n) {
    return (n + Lanes.N - 1) / Lanes.N * Lanes.N;
  }

  /// y = x scale w
  static void scaled(float scale, int n, long from, long weight, long to) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment w = Native.floats(weight, n);
    MemorySegment y = Native.floats(to, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      store(load(x, i).mul(scale).mul(load(w, i)), y, i);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      store(load(x, i, m).mul(scale).mul(load(w, i, m)), y, i, m);
    }
  }

  /// y = (x - mean) scale w + b
  static void shifted(float mean, float scale, int n, long from, long weight, long bias, long to) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment w = Native.floats(weight, n);
    MemorySegment b = Native.floats(bias, n);
    MemorySegment y = Native.floats(to, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      store(load(x, i).sub(mean).mul(scale).fma(load(w, i), load(b, i)), y, i);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      store(load(x, i, m).sub(mean).mul(scale).fma(load(w, i, m), load(b, i, m)), y, i, m);
    }
  }

  /// The sum of (x - mean) w dy.
  static float dot(float mean, int n, long from, long weight, long gradient) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment w = Native.floats(weight, n);
    MemorySegment dy = Native.floats(gradient, n);
    FloatVector a = zero();
    FloatVector b = a;
    int i = 0;
    for (; i <= n - 2 * Lanes.N; i += 2 * Lanes.N) {
      int j = i + Lanes.N;
      a = load(x, i).sub(mean).fma(load(w, i).mul(load(dy, i)), a);
      b = load(x, j).sub(mean).fma(load(w, j).mul(load(dy, j)), b);
    }
    for (; i <= n - Lanes.N; i += Lanes.N) {
      a = load(x, i).sub(mean).fma(load(w, i).mul(load(dy, i)), a);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      b = load(x, i, m).sub(mean).fma(load(w, i, m).mul(load(dy, i, m)), b);
    }
    return Lanes.sum(a.add(b));
  }

  /// dx = scale w dy - slope x
  static void rmsBackward(
      float scale,
      float slope,
      int n,
      long from,
      long weight,
      long gradient,
      long to,
      boolean add) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment w = Native.floats(weight, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dx = Native.floats(to, n);
    FloatVector k = all(-slope);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      FloatVector direct = load(w, i).mul(load(dy, i)).mul(scale);
      UnaryBackwardLoops.put(load(x, i).fma(k, direct), dx, i, add);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      FloatVector direct = load(w, i, m).mul(load(dy, i, m)).mul(scale);
      UnaryBackwardLoops.put(load(x, i, m).fma(k, direct), dx, i, m, add);
    }
  }

  /// dx = scale w dy - even - slope (x - mean)
  static void layerBackward(
      float mean,
      float scale,
      float slope,
      float even,
      int n,
      long from,
      long weight,
      long gradient,
      long to,
      boolean add) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment w = Native.floats(weight, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dx = Native.floats(to, n);
    FloatVector k = all(-slope);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      FloatVector direct = load(w, i).mul(load(dy, i)).mul(scale).sub(even);
      UnaryBackwardLoops.put(load(x, i).sub(mean).fma(k, direct), dx, i, add);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      FloatVector direct = load(w, i, m).mul(load(dy, i, m)).mul(scale).sub(even);
      UnaryBackwardLoops.put(load(x, i, m).sub(mean).fma(k, direct), dx, i, m, add);
    }
  }

  /// sums[at + i] += (x - mean) scale dy
  static void addWeight(
      float mean, float scale, int n, long from, long gradient, float[] sums, int at) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment dy = Native.floats(gradient, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      FloatVector s = FloatVector.fromArray(F, sums, at + i);
      load(x, i).sub(mean).mul(scale).fma(load(dy, i), s).intoArray(sums, at + i);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      FloatVector s = FloatVector.fromArray(F, sums, at + i);
      load(x, i, m).sub(mean).mul(scale).fma(load(dy, i, m), s).intoArray(sums, at + i);
    }
  }

  /// sums[at + i] += dy
  static void addBias(int n, long gradient, float[] sums, int at) {
    MemorySegment dy = Native.floats(gradient, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      FloatVector.fromArray(F, sums, at + i).add(load(dy, i)).intoArray(sums, at + i);
    }
    if (i < n) {
      FloatVector g = load(dy, i, first(n - i));
      FloatVector.fromArray(F, sums, at + i).add(g).intoArray(sums, at + i);
    }
  }

  /// Stores or adds the sum of the rows of `sums` that begin at `at` and lie `stride` apart.
  static void addUp(float[] sums, int at, int stride, int parts, int n, long to, boolean add) {
    MemorySegment d = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector s = zero();
      for (int part = 0; part < parts; part++) {
        s = s.add(FloatVector.fromArray(F, sums, at + part * stride + i));
      }
      UnaryBackwardLoops.put(s, d, i, first(Math.min(Lanes.N, n - i)), add);
    }
  }
}
