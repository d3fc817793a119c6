package dev.quintet.core.cpu;

import static dev.quintet.core.cpu.Lanes.all;
import static dev.quintet.core.cpu.Lanes.first;
import static dev.quintet.core.cpu.Lanes.load;
import static dev.quintet.core.cpu.Lanes.store;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// The loops y = f(x), one method a function.
///
/// A loop shared by functions that are passed in would box every vector, so there is none.
final class UnaryLoops {
  private UnaryLoops() {}

  /// p x
  static void scale(float p, long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      store(load(x, i).mul(p), y, i);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      store(load(x, i, m).mul(p), y, i, m);
    }
  }

  /// x + p
  static void shift(float p, long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      store(load(x, i).add(p), y, i);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      store(load(x, i, m).add(p), y, i, m);
    }
  }

  /// max(x, p)
  static void atLeast(float p, long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      store(load(x, i).max(p), y, i);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      store(load(x, i, m).max(p), y, i, m);
    }
  }

  /// min(x, p)
  static void atMost(float p, long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      store(load(x, i).min(p), y, i);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      store(load(x, i, m).min(p), y, i, m);
    }
  }

  /// |x|
  static void abs(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      store(load(x, i).abs(), y, i);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      store(load(x, i, m).abs(), y, i, m);
    }
  }

  /// e^x
  static void exp(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      store(Activations.exp(load(x, i)), y, i);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      store(Activations.exp(load(x, i, m)), y, i, m);
    }
  }

  /// ln x
  static void log(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      store(VectorMath.log(load(x, i)), y, i);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      store(VectorMath.log(load(x, i, m)), y, i, m);
    }
  }

  /// the square root
  static void sqrt(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      store(load(x, i).sqrt(), y, i);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      store(load(x, i, m).sqrt(), y, i, m);
    }
  }

  /// 1 / sqrt(x)
  static void rsqrt(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      store(all(1f).div(load(x, i).sqrt()), y, i);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      store(all(1f).div(load(x, i, m).sqrt()), y, i, m);
    }
  }

  /// 1 / x
  static void reciprocal(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      store(all(1f).div(load(x, i)), y, i);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      store(all(1f).div(load(x, i, m)), y, i, m);
    }
  }

  /// the hyperbolic tangent
  static void tanh(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      store(VectorMath.tanh(load(x, i)), y, i);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      store(VectorMath.tanh(load(x, i, m)), y, i, m);
    }
  }

  /// 1 / (1 + e^-x)
  static void sigmoid(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      store(Activations.sigmoid(load(x, i)), y, i);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      store(Activations.sigmoid(load(x, i, m)), y, i, m);
    }
  }

  /// x²
  static void square(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      FloatVector v = load(x, i);
      store(v.mul(v), y, i);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      FloatVector v = load(x, i, m);
      store(v.mul(v), y, i, m);
    }
  }

  /// x sigmoid(x)
  static void silu(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      FloatVector v = load(x, i);
      store(v.mul(Activations.sigmoid(v)), y, i);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      FloatVector v = load(x, i, m);
      store(v.mul(Activations.sigmoid(v)), y, i, m);
    }
  }

  /// GELU with the hyperbolic tangent
  static void geluTanh(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      FloatVector v = load(x, i);
      store(v.mul(Activations.geluTanhFactor(v)), y, i);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      FloatVector v = load(x, i, m);
      store(v.mul(Activations.geluTanhFactor(v)), y, i, m);
    }
  }

  /// GELU with the error function
  static void geluErf(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      FloatVector v = load(x, i);
      store(v.mul(Activations.geluErfFactor(v)), y, i);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      FloatVector v = load(x, i, m);
      store(v.mul(Activations.geluErfFactor(v)), y, i, m);
    }
  }
}
