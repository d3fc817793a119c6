package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.lane.Lanes.load;
import static dev.quintet.core.cpu.work.Native.at;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.ComposedGate;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.cpu.lane.Activations;
import dev.quintet.core.cpu.lane.Lanes;
import dev.quintet.core.cpu.lane.Tails;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// The gate of a gated feed-forward layer on vectors, two loops an activation.
///
/// The gradient of `up` is the forward with dy in the place of `up`: computing f twice is cheaper than the memory it
/// would take to keep it. What follows an exponential is written with the Vector API's own methods, as in `ExponentialLoops`.
///
/// @param backend of the dropout behind the gate
public record VectorGate(Backend backend) implements ComposedGate {

  @Override
  public void floats(Unary activation, long gate, long up, long y, long count) {
    Cuts.elements(
        count, (from, n) -> value(activation, at(gate, from), at(up, from), at(y, from), false, n));
  }

  @Override
  public void floatsBackward(
      Unary activation, long gate, long up, long dy, Gradient dGate, Gradient dUp, long count) {
    Cuts.elements(
        count,
        (from, n) -> {
          long x = at(gate, from);
          long d = at(dy, from);
          if (dGate.wanted()) {
            slope(activation, x, at(up, from), d, at(dGate.address(), from), dGate.add(), n);
          }
          if (dUp.wanted()) { // last, because it may be dy
            value(activation, x, d, at(dUp.address(), from), dUp.add(), n);
          }
        });
  }

  /// y = f(gate) up for `n` elements each, in this thread.
  public static void values(Unary activation, long gate, long up, long y, int n) {
    value(activation, gate, up, y, false, n);
  }

  /// y = f(gate) up, stored or added.
  private static void value(Unary activation, long gate, long up, long y, boolean add, int n) {
    int whole = Tails.whole(n);
    valueLoop(activation, gate, up, y, add, whole);
    if (whole < n) {
      long to = Tails.in(2, y, n);
      valueLoop(activation, Tails.in(0, gate, n), Tails.in(1, up, n), to, add, Lanes.N);
      Tails.out(2, y, n);
    }
  }

  private static void valueLoop(Unary activation, long gate, long up, long y, boolean add, int n) {
    switch (activation) {
      case RELU -> relu(gate, up, y, add, n);
      case SILU -> silu(gate, up, y, add, n);
      case GELU_TANH -> geluTanh(gate, up, y, add, n);
      default -> geluErf(gate, up, y, add, n);
    }
  }

  /// dGate = dy up f'(gate), stored or added.
  private static void slope(
      Unary activation, long gate, long up, long dy, long dGate, boolean add, int n) {
    int whole = Tails.whole(n);
    slopeLoop(activation, gate, up, dy, dGate, add, whole);
    if (whole < n) {
      long to = Tails.in(3, dGate, n);
      long lastDy = Tails.in(2, dy, n);
      slopeLoop(activation, Tails.in(0, gate, n), Tails.in(1, up, n), lastDy, to, add, Lanes.N);
      Tails.out(3, dGate, n);
    }
  }

  private static void slopeLoop(
      Unary activation, long gate, long up, long dy, long dGate, boolean add, int n) {
    switch (activation) {
      case RELU -> reluSlope(gate, up, dy, dGate, add, n);
      case SILU -> siluSlope(gate, up, dy, dGate, add, n);
      case GELU_TANH -> geluTanhSlope(gate, up, dy, dGate, add, n);
      default -> geluErfSlope(gate, up, dy, dGate, add, n);
    }
  }

  private static void relu(long gate, long factor, long to, boolean add, int n) {
    MemorySegment g = Native.floats(gate, n);
    MemorySegment u = Native.floats(factor, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector x = load(g, i);
      FloatVector f = load(u, i);
      FloatVector result = x.max(0f).mul(f);
      if (add) {
        result = result.add(FloatVector.fromMemorySegment(Lanes.F, y, i * 4L, Lanes.ORDER));
      }
      result.intoMemorySegment(y, i * 4L, Lanes.ORDER);
    }
  }

  private static void silu(long gate, long factor, long to, boolean add, int n) {
    MemorySegment g = Native.floats(gate, n);
    MemorySegment u = Native.floats(factor, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector x = load(g, i);
      FloatVector f = load(u, i);
      FloatVector result = x.mul(Activations.sigmoid(x)).mul(f);
      if (add) {
        result = result.add(FloatVector.fromMemorySegment(Lanes.F, y, i * 4L, Lanes.ORDER));
      }
      result.intoMemorySegment(y, i * 4L, Lanes.ORDER);
    }
  }

  private static void geluTanh(long gate, long factor, long to, boolean add, int n) {
    MemorySegment g = Native.floats(gate, n);
    MemorySegment u = Native.floats(factor, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector x = load(g, i);
      FloatVector f = load(u, i);
      FloatVector result = x.mul(Activations.geluTanhFactor(x)).mul(f);
      if (add) {
        result = result.add(FloatVector.fromMemorySegment(Lanes.F, y, i * 4L, Lanes.ORDER));
      }
      result.intoMemorySegment(y, i * 4L, Lanes.ORDER);
    }
  }

  private static void geluErf(long gate, long factor, long to, boolean add, int n) {
    MemorySegment g = Native.floats(gate, n);
    MemorySegment u = Native.floats(factor, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector x = load(g, i);
      FloatVector f = load(u, i);
      FloatVector result = x.mul(Activations.geluErfFactor(x)).mul(f);
      if (add) {
        result = result.add(FloatVector.fromMemorySegment(Lanes.F, y, i * 4L, Lanes.ORDER));
      }
      result.intoMemorySegment(y, i * 4L, Lanes.ORDER);
    }
  }

  private static void reluSlope(long gate, long up, long gradient, long to, boolean add, int n) {
    MemorySegment z = Native.floats(gate, n);
    MemorySegment u = Native.floats(up, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dx = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector x = load(z, i);
      FloatVector g = load(u, i).mul(load(dy, i));
      FloatVector result = g.blend(0f, x.compare(VectorOperators.LE, 0f));
      if (add) {
        result = result.add(FloatVector.fromMemorySegment(Lanes.F, dx, i * 4L, Lanes.ORDER));
      }
      result.intoMemorySegment(dx, i * 4L, Lanes.ORDER);
    }
  }

  private static void siluSlope(long gate, long up, long gradient, long to, boolean add, int n) {
    MemorySegment z = Native.floats(gate, n);
    MemorySegment u = Native.floats(up, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dx = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector x = load(z, i);
      FloatVector g = load(u, i).mul(load(dy, i));
      FloatVector rise = x;
      FloatVector s = Activations.sigmoid(x);
      FloatVector result = rise.mul(s).fma(s.neg().add(1f), s).mul(g);
      if (add) {
        result = result.add(FloatVector.fromMemorySegment(Lanes.F, dx, i * 4L, Lanes.ORDER));
      }
      result.intoMemorySegment(dx, i * 4L, Lanes.ORDER);
    }
  }

  private static void geluTanhSlope(
      long gate, long up, long gradient, long to, boolean add, int n) {
    MemorySegment z = Native.floats(gate, n);
    MemorySegment u = Native.floats(up, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dx = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector x = load(z, i);
      FloatVector g = load(u, i).mul(load(dy, i));
      FloatVector rise = Activations.geluTanhRise(x);
      FloatVector s = Activations.geluTanhFactor(x);
      FloatVector result = rise.mul(s).fma(s.neg().add(1f), s).mul(g);
      if (add) {
        result = result.add(FloatVector.fromMemorySegment(Lanes.F, dx, i * 4L, Lanes.ORDER));
      }
      result.intoMemorySegment(dx, i * 4L, Lanes.ORDER);
    }
  }

  private static void geluErfSlope(long gate, long up, long gradient, long to, boolean add, int n) {
    MemorySegment z = Native.floats(gate, n);
    MemorySegment u = Native.floats(up, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dx = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector x = load(z, i);
      FloatVector g = load(u, i).mul(load(dy, i));
      FloatVector result = g.mul(Activations.geluErfSlope(x, Activations.geluErfFactor(x)));
      if (add) {
        result = result.add(FloatVector.fromMemorySegment(Lanes.F, dx, i * 4L, Lanes.ORDER));
      }
      result.intoMemorySegment(dx, i * 4L, Lanes.ORDER);
    }
  }
}
