package dev.quintet.core.cpu.lane;

import static dev.quintet.core.cpu.lane.Lanes.load;
import static dev.quintet.core.cpu.lane.Lanes.zero;

import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// The loops dx = dy f'(x) and dx += dy f'(x) over whole vectors, one method a derivative.
///
/// `v` is the argument x or the result y, whichever gives the derivative at less cost.
public final class UnaryBackwardLoops {
  private UnaryBackwardLoops() {}

  /// p dy, which needs no argument
  public static void scale(float p, long gradient, long to, boolean add, int n) {
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dx = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector g = load(dy, i);
      put(g.mul(p), dx, i, add);
    }
  }

  /// p v dy: of x² with v = x and p = 2, of e^x with v = y and p = 1
  public static void product(float p, long values, long gradient, long to, boolean add, int n) {
    MemorySegment x = Native.floats(values, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dx = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector v = load(x, i);
      FloatVector g = load(dy, i);
      put(g.mul(v).mul(p), dx, i, add);
    }
  }

  /// p dy / v: of ln x with v = x and p = 1, of the root with v = y and p = 1/2
  public static void quotient(float p, long values, long gradient, long to, boolean add, int n) {
    MemorySegment x = Native.floats(values, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dx = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector v = load(x, i);
      FloatVector g = load(dy, i);
      put(g.mul(p).div(v), dx, i, add);
    }
  }

  /// -1/2 v³ dy: of 1 / sqrt(x), with v = y
  public static void cube(long values, long gradient, long to, boolean add, int n) {
    MemorySegment x = Native.floats(values, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dx = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector v = load(x, i);
      FloatVector g = load(dy, i);
      put(g.mul(v.mul(v).mul(v)).mul(-0.5f), dx, i, add);
    }
  }

  /// -v² dy: of 1 / x, with v = y
  public static void negativeSquare(long values, long gradient, long to, boolean add, int n) {
    MemorySegment x = Native.floats(values, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dx = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector v = load(x, i);
      FloatVector g = load(dy, i);
      put(g.mul(v.mul(v)).neg(), dx, i, add);
    }
  }

  /// dy with the sign of v: of |x|, with v = x
  public static void sign(long values, long gradient, long to, boolean add, int n) {
    MemorySegment x = Native.floats(values, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dx = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector v = load(x, i);
      FloatVector g = load(dy, i);
      put(g.mul(signum(v)), dx, i, add);
    }
  }

  /// dy where v >= p: of max(x, p), with v = x
  public static void atLeast(float p, long values, long gradient, long to, boolean add, int n) {
    MemorySegment x = Native.floats(values, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dx = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector v = load(x, i);
      FloatVector g = load(dy, i);
      put(zero().blend(g, v.compare(VectorOperators.GE, p)), dx, i, add);
    }
  }

  /// dy where v <= p: of min(x, p), with v = x
  public static void atMost(float p, long values, long gradient, long to, boolean add, int n) {
    MemorySegment x = Native.floats(values, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dx = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector v = load(x, i);
      FloatVector g = load(dy, i);
      put(zero().blend(g, v.compare(VectorOperators.LE, p)), dx, i, add);
    }
  }

  /// 4 e / (1 + e)² dy with e = e^(-2 |v|), with v = x: 1 - y² would cancel
  public static void tanh(long values, long gradient, long to, boolean add, int n) {
    MemorySegment x = Native.floats(values, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dx = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector v = load(x, i);
      FloatVector g = load(dy, i);
      FloatVector result = g.mul(bell(v.add(v))).mul(4f);
      if (add) {
        result = result.add(FloatVector.fromMemorySegment(Lanes.F, dx, i * 4L, Lanes.ORDER));
      }
      result.intoMemorySegment(dx, i * 4L, Lanes.ORDER);
    }
  }

  /// e / (1 + e)² dy with e = e^-|v|, with v = x: 1 - y would cancel
  public static void sigmoid(long values, long gradient, long to, boolean add, int n) {
    MemorySegment x = Native.floats(values, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dx = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector v = load(x, i);
      FloatVector g = load(dy, i);
      FloatVector result = g.mul(bell(v));
      if (add) {
        result = result.add(FloatVector.fromMemorySegment(Lanes.F, dx, i * 4L, Lanes.ORDER));
      }
      result.intoMemorySegment(dx, i * 4L, Lanes.ORDER);
    }
  }

  /// of x sigmoid(x), with v = x
  public static void silu(long values, long gradient, long to, boolean add, int n) {
    MemorySegment x = Native.floats(values, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dx = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector v = load(x, i);
      FloatVector g = load(dy, i);
      FloatVector rise = v;
      FloatVector s = Activations.sigmoid(v);
      FloatVector result = rise.mul(s).fma(s.neg().add(1f), s).mul(g);
      if (add) {
        result = result.add(FloatVector.fromMemorySegment(Lanes.F, dx, i * 4L, Lanes.ORDER));
      }
      result.intoMemorySegment(dx, i * 4L, Lanes.ORDER);
    }
  }

  /// of GELU with the hyperbolic tangent, with v = x
  public static void geluTanh(long values, long gradient, long to, boolean add, int n) {
    MemorySegment x = Native.floats(values, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dx = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector v = load(x, i);
      FloatVector g = load(dy, i);
      FloatVector rise = Activations.geluTanhRise(v);
      FloatVector s = Activations.geluTanhFactor(v);
      FloatVector result = rise.mul(s).fma(s.neg().add(1f), s).mul(g);
      if (add) {
        result = result.add(FloatVector.fromMemorySegment(Lanes.F, dx, i * 4L, Lanes.ORDER));
      }
      result.intoMemorySegment(dx, i * 4L, Lanes.ORDER);
    }
  }

  /// of GELU with the error function, with v = x
  public static void geluErf(long values, long gradient, long to, boolean add, int n) {
    MemorySegment x = Native.floats(values, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dx = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector v = load(x, i);
      FloatVector g = load(dy, i);
      FloatVector result = g.mul(Activations.geluErfSlope(v, Activations.geluErfFactor(v)));
      if (add) {
        result = result.add(FloatVector.fromMemorySegment(Lanes.F, dx, i * 4L, Lanes.ORDER));
      }
      result.intoMemorySegment(dx, i * 4L, Lanes.ORDER);
    }
  }

  /// 2 / sqrt(pi) e^(-v²) dy: of the error function, with v = x
  public static void erf(long values, long gradient, long to, boolean add, int n) {
    MemorySegment x = Native.floats(values, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dx = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector v = load(x, i);
      FloatVector g = load(dy, i);
      FloatVector result = g.mul(VectorMath.exp(v.mul(v).neg())).mul(1.1283791670955126f);
      if (add) {
        result = result.add(FloatVector.fromMemorySegment(Lanes.F, dx, i * 4L, Lanes.ORDER));
      }
      result.intoMemorySegment(dx, i * 4L, Lanes.ORDER);
    }
  }

  /// dy sigmoid(v): of ln(1 + e^x), with v = x
  public static void softplus(long values, long gradient, long to, boolean add, int n) {
    MemorySegment x = Native.floats(values, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dx = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector v = load(x, i);
      FloatVector g = load(dy, i);
      FloatVector result = g.mul(Activations.sigmoid(v));
      if (add) {
        result = result.add(FloatVector.fromMemorySegment(Lanes.F, dx, i * 4L, Lanes.ORDER));
      }
      result.intoMemorySegment(dx, i * 4L, Lanes.ORDER);
    }
  }

  /// Stores or adds; with two stores, because vectors that merge behind a branch may be boxed.
  public static void put(FloatVector v, MemorySegment segment, int i, boolean add) {
    if (add) {
      FloatVector.fromMemorySegment(Lanes.F, segment, i * 4L, Lanes.ORDER)
          .add(v)
          .intoMemorySegment(segment, i * 4L, Lanes.ORDER);
    } else {
      v.intoMemorySegment(segment, i * 4L, Lanes.ORDER);
    }
  }

  /// e / (1 + e)² with e = e^-|v|.
  private static FloatVector bell(FloatVector v) {
    FloatVector e = VectorMath.exp(v.abs().neg());
    FloatVector sum = e.add(1f);
    return e.div(sum.mul(sum));
  }

  private static FloatVector signum(FloatVector v) {
    return zero()
        .blend(1f, v.compare(VectorOperators.GT, 0f))
        .blend(-1f, v.compare(VectorOperators.LT, 0f));
  }
}
