package dev.quintet.core.cpu;

import static dev.quintet.core.cpu.Lanes.all;
import static dev.quintet.core.cpu.Lanes.load;
import static dev.quintet.core.cpu.Lanes.store;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The loops y = f(x) over whole vectors, one method a function; [Tails] serves what is left over.
///
/// A loop shared by functions that are passed in would box every vector, so there is none.
final class UnaryLoops {
  private UnaryLoops() {}

  /// p x
  static void scale(float p, long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(load(x, i).mul(p), y, i);
    }
  }

  /// x + p
  static void shift(float p, long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(load(x, i).add(p), y, i);
    }
  }

  /// max(x, p)
  static void atLeast(float p, long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(load(x, i).max(p), y, i);
    }
  }

  /// min(x, p)
  static void atMost(float p, long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(load(x, i).min(p), y, i);
    }
  }

  /// |x|
  static void abs(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(load(x, i).abs(), y, i);
    }
  }

  /// e^x
  static void exp(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(Activations.exp(load(x, i)), y, i);
    }
  }

  /// ln x
  static void log(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(VectorMath.log(load(x, i)), y, i);
    }
  }

  /// the square root
  static void sqrt(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(load(x, i).sqrt(), y, i);
    }
  }

  /// 1 / sqrt(x)
  static void rsqrt(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(all(1f).div(load(x, i).sqrt()), y, i);
    }
  }

  /// 1 / x
  static void reciprocal(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(all(1f).div(load(x, i)), y, i);
    }
  }

  /// the hyperbolic tangent
  static void tanh(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(VectorMath.tanh(load(x, i)), y, i);
    }
  }

  /// 1 / (1 + e^-x)
  static void sigmoid(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(Activations.sigmoid(load(x, i)), y, i);
    }
  }

  /// x²
  static void square(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector v = load(x, i);
      store(v.mul(v), y, i);
    }
  }

  /// x sigmoid(x)
  static void silu(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector v = load(x, i);
      store(v.mul(Activations.sigmoid(v)), y, i);
    }
  }

  /// GELU with the hyperbolic tangent
  static void geluTanh(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector v = load(x, i);
      store(v.mul(Activations.geluTanhFactor(v)), y, i);
    }
  }

  /// GELU with the error function
  static void geluErf(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector v = load(x, i);
      store(v.mul(Activations.geluErfFactor(v)), y, i);
    }
  }

  /// the error function
  static void erf(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(VectorMath.erf(load(x, i)), y, i);
    }
  }
}
