package dev.quintet.core.cpu.lane;

import static dev.quintet.core.cpu.lane.Lanes.F;
import static dev.quintet.core.cpu.lane.Lanes.all;
import static dev.quintet.core.cpu.lane.Lanes.first;
import static dev.quintet.core.cpu.lane.Lanes.load;
import static dev.quintet.core.cpu.lane.Lanes.store;
import static dev.quintet.core.cpu.lane.Lanes.zero;

import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// The loops of norms over whole vectors of one row, and over the sums of weights' gradients; `VectorNorm`
/// calls them, with [Tails] for what is left over.
public final class NormLoops {
  private NormLoops() {}

  /// A row's length in whole vectors.
  public static int padded(int n) {
    return (n + Lanes.N - 1) & -Lanes.N;
  }

  /// y = x (scale + rest) w, where the rest is what rounding took off the scale: that error would be the same for the
  /// whole row.
  public static void scaled(float scale, float rest, int n, long from, long weight, long to) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment w = Native.floats(weight, n);
    MemorySegment y = Native.floats(to, n);
    FloatVector factor = all(scale);
    FloatVector low = all(rest);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector v = load(x, i);
      store(v.fma(low, v.mul(factor)).mul(load(w, i)), y, i);
    }
  }

  /// y = (x - mean) scale w + b
  public static void shifted(
      float mean, float scale, int n, long from, long weight, long bias, long to) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment w = Native.floats(weight, n);
    MemorySegment b = Native.floats(bias, n);
    MemorySegment y = Native.floats(to, n);
    FloatVector center = all(mean);
    FloatVector factor = all(scale);
    for (int i = 0; i < n; i += Lanes.N) {
      store(load(x, i).sub(center).mul(factor).fma(load(w, i), load(b, i)), y, i);
    }
  }

  /// The sum of x w dy.
  public static float dot(int n, long from, long weight, long gradient) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment w = Native.floats(weight, n);
    MemorySegment dy = Native.floats(gradient, n);
    FloatVector sum = zero();
    for (int i = 0; i < n; i += Lanes.N) {
      sum = load(x, i).fma(load(w, i).mul(load(dy, i)), sum);
    }
    return Lanes.sum(sum);
  }

  /// dx = scale w dy - slope x - even
  public static void backward(
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
    FloatVector factor = all(scale);
    FloatVector k = all(-slope);
    FloatVector shift = all(-even);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector v = load(x, i).fma(k, load(w, i).mul(load(dy, i)).fma(factor, shift));
      UnaryBackwardLoops.put(v, dx, i, add);
    }
  }

  /// sums[at + i] += (x scale - shift) dy
  public static void addWeight(
      float scale, float shift, int n, long from, long gradient, float[] sums, int at) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment dy = Native.floats(gradient, n);
    FloatVector factor = all(scale);
    FloatVector minus = all(-shift);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector s = FloatVector.fromArray(F, sums, at + i);
      load(x, i).fma(factor, minus).fma(load(dy, i), s).intoArray(sums, at + i);
    }
  }

  /// sums[at + i] += dy
  public static void addBias(int n, long gradient, float[] sums, int at) {
    MemorySegment dy = Native.floats(gradient, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector.fromArray(F, sums, at + i).add(load(dy, i)).intoArray(sums, at + i);
    }
  }

  /// Stores or adds the sum of the rows of `sums` that begin at `at` and lie `stride` apart.
  public static void addUp(
      float[] sums, int at, int stride, int parts, int n, long to, boolean add) {
    MemorySegment d = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector s = zero();
      for (int part = 0; part < parts; part++) {
        s = s.add(FloatVector.fromArray(F, sums, at + part * stride + i));
      }
      VectorMask<Float> m = first(Math.min(Lanes.N, n - i));
      if (add) {
        store(load(d, i, m).add(s), d, i, m);
      } else {
        store(s, d, i, m);
      }
    }
  }
}
