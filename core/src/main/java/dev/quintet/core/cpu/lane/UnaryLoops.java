package dev.quintet.core.cpu.lane;

import static dev.quintet.core.cpu.lane.Lanes.all;
import static dev.quintet.core.cpu.lane.Lanes.load;
import static dev.quintet.core.cpu.lane.Lanes.store;

import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The loops y = f(x) over whole vectors, one method a function; [Tails] serves what is left over.
///
/// A loop shared by functions that are passed in would box every vector, so there is none.
public final class UnaryLoops {
  private UnaryLoops() {}

  /// p x
  public static void scale(float p, long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(load(x, i).mul(p), y, i);
    }
  }

  /// x + p
  public static void shift(float p, long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(load(x, i).add(p), y, i);
    }
  }

  /// max(x, p)
  public static void atLeast(float p, long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(load(x, i).max(p), y, i);
    }
  }

  /// min(x, p)
  public static void atMost(float p, long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(load(x, i).min(p), y, i);
    }
  }

  /// |x|
  public static void abs(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(load(x, i).abs(), y, i);
    }
  }

  /// e^x
  public static void exp(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(Activations.exp(load(x, i)), y, i);
    }
  }

  /// ln x
  public static void log(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(VectorMath.log(load(x, i)), y, i);
    }
  }

  /// the square root
  public static void sqrt(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(load(x, i).sqrt(), y, i);
    }
  }

  /// 1 / sqrt(x)
  public static void rsqrt(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(all(1f).div(load(x, i).sqrt()), y, i);
    }
  }

  /// 1 / x
  public static void reciprocal(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(all(1f).div(load(x, i)), y, i);
    }
  }

  /// the hyperbolic tangent
  public static void tanh(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(VectorMath.tanh(load(x, i)), y, i);
    }
  }

  /// 1 / (1 + e^-x)
  public static void sigmoid(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(Activations.sigmoid(load(x, i)), y, i);
    }
  }

  /// x²
  public static void square(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector v = load(x, i);
      store(v.mul(v), y, i);
    }
  }

  /// x sigmoid(x)
  public static void silu(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector v = load(x, i);
      store(v.mul(Activations.sigmoid(v)), y, i);
    }
  }

  /// GELU with the hyperbolic tangent
  public static void geluTanh(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector v = load(x, i);
      store(v.mul(Activations.geluTanhFactor(v)), y, i);
    }
  }

  /// GELU with the error function
  public static void geluErf(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector v = load(x, i);
      store(v.mul(Activations.geluErfFactor(v)), y, i);
    }
  }

  /// the error function
  public static void erf(long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(VectorMath.erf(load(x, i)), y, i);
    }
  }
}
