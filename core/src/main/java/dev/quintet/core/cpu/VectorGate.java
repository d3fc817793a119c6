package dev.quintet.core.cpu;

import static dev.quintet.core.cpu.Lanes.load;
import static dev.quintet.core.cpu.Lanes.store;
import static dev.quintet.core.cpu.Native.at;
import static dev.quintet.core.cpu.UnaryBackwardLoops.put;

import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.GateKernels;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// The gate of a gated feed-forward layer on vectors, one loop an activation.
///
/// With s the activation's factor, f(x) = x s: see [Activations].
final class VectorGate implements GateKernels {

  @Override
  public void gated(Unary activation, long gate, long up, long y, long count) {
    check(activation);
    Cuts.elements(
        count, (from, n) -> forward(activation, at(gate, from), at(up, from), at(y, from), n));
  }

  private static void forward(Unary activation, long gate, long up, long y, int n) {
    int whole = Tails.whole(n);
    forwardLoop(activation, gate, up, y, whole);
    if (whole < n) {
      forwardLoop(activation, Tails.in(0, gate, n), Tails.in(1, up, n), Tails.slot(2), Lanes.N);
      Tails.out(2, y, n);
    }
  }

  private static void forwardLoop(Unary activation, long gate, long up, long y, int n) {
    switch (activation) {
      case RELU -> relu(gate, up, y, n);
      case SILU -> silu(gate, up, y, n);
      case GELU_TANH -> geluTanh(gate, up, y, n);
      default -> geluErf(gate, up, y, n);
    }
  }

  @Override
  public void gatedBackward(
      Unary activation,
      long gate,
      long up,
      long dy,
      long dGate,
      boolean addDGate,
      long dUp,
      boolean addDUp,
      long count) {
    check(activation);
    Cuts.elements(
        count,
        (from, n) ->
            backward(
                activation,
                at(gate, from),
                at(up, from),
                at(dy, from),
                dGate == 0 ? 0 : at(dGate, from),
                addDGate,
                dUp == 0 ? 0 : at(dUp, from),
                addDUp,
                n));
  }

  private static void backward(
      Unary activation,
      long gate,
      long up,
      long dy,
      long dGate,
      boolean addDGate,
      long dUp,
      boolean addDUp,
      int n) {
    int whole = Tails.whole(n);
    backwardLoop(activation, gate, up, dy, dGate, addDGate, dUp, addDUp, whole);
    if (whole < n) {
      backwardLoop(
          activation,
          Tails.in(0, gate, n),
          Tails.in(1, up, n),
          Tails.in(2, dy, n),
          dGate == 0 ? 0 : Tails.in(3, dGate, n),
          addDGate,
          dUp == 0 ? 0 : Tails.in(4, dUp, n),
          addDUp,
          Lanes.N);
      if (dGate != 0) {
        Tails.out(3, dGate, n);
      }
      if (dUp != 0) {
        Tails.out(4, dUp, n);
      }
    }
  }

  private static void backwardLoop(
      Unary activation,
      long gate,
      long up,
      long dy,
      long dGate,
      boolean addDGate,
      long dUp,
      boolean addDUp,
      int n) {
    switch (activation) {
      case RELU -> reluBackward(gate, up, dy, dGate, addDGate, dUp, addDUp, n);
      case SILU -> siluBackward(gate, up, dy, dGate, addDGate, dUp, addDUp, n);
      case GELU_TANH -> geluTanhBackward(gate, up, dy, dGate, addDGate, dUp, addDUp, n);
      default -> geluErfBackward(gate, up, dy, dGate, addDGate, dUp, addDUp, n);
    }
  }

  private static void check(Unary activation) {
    if (activation != Unary.RELU
        && activation != Unary.SILU
        && activation != Unary.GELU_TANH
        && activation != Unary.GELU_ERF) {
      throw new IllegalArgumentException(
          "a gate's activation is RELU, SILU, GELU_TANH or GELU_ERF, not " + activation);
    }
  }

  private static void relu(long gate, long up, long to, int n) {
    MemorySegment g = Native.floats(gate, n);
    MemorySegment u = Native.floats(up, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector x = load(g, i);
      store(x.max(0f).mul(load(u, i)), y, i);
    }
  }

  private static void silu(long gate, long up, long to, int n) {
    MemorySegment g = Native.floats(gate, n);
    MemorySegment u = Native.floats(up, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector x = load(g, i);
      store(x.mul(Activations.sigmoid(x)).mul(load(u, i)), y, i);
    }
  }

  private static void geluTanh(long gate, long up, long to, int n) {
    MemorySegment g = Native.floats(gate, n);
    MemorySegment u = Native.floats(up, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector x = load(g, i);
      store(x.mul(Activations.geluTanhFactor(x)).mul(load(u, i)), y, i);
    }
  }

  private static void geluErf(long gate, long up, long to, int n) {
    MemorySegment g = Native.floats(gate, n);
    MemorySegment u = Native.floats(up, n);
    MemorySegment y = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector x = load(g, i);
      store(x.mul(Activations.geluErfFactor(x)).mul(load(u, i)), y, i);
    }
  }

  private static void reluBackward(
      long gate,
      long up,
      long gradient,
      long toGate,
      boolean addGate,
      long toUp,
      boolean addUp,
      int n) {
    MemorySegment g = Native.floats(gate, n);
    MemorySegment u = Native.floats(up, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dg = Native.floats(toGate, n);
    MemorySegment du = Native.floats(toUp, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector x = load(g, i);
      FloatVector d = load(dy, i);
      if (toGate != 0) {
        put(d.mul(load(u, i)).blend(0f, x.compare(VectorOperators.LE, 0f)), dg, i, addGate);
      }
      if (toUp != 0) {
        put(d.mul(x.max(0f)), du, i, addUp);
      }
    }
  }

  private static void siluBackward(
      long gate,
      long up,
      long gradient,
      long toGate,
      boolean addGate,
      long toUp,
      boolean addUp,
      int n) {
    MemorySegment g = Native.floats(gate, n);
    MemorySegment u = Native.floats(up, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dg = Native.floats(toGate, n);
    MemorySegment du = Native.floats(toUp, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector x = load(g, i);
      FloatVector d = load(dy, i);
      FloatVector s = Activations.sigmoid(x);
      if (toGate != 0) {
        put(d.mul(load(u, i)).mul(Activations.siluSlope(x, s)), dg, i, addGate);
      }
      if (toUp != 0) {
        put(d.mul(x.mul(s)), du, i, addUp);
      }
    }
  }

  private static void geluTanhBackward(
      long gate,
      long up,
      long gradient,
      long toGate,
      boolean addGate,
      long toUp,
      boolean addUp,
      int n) {
    MemorySegment g = Native.floats(gate, n);
    MemorySegment u = Native.floats(up, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dg = Native.floats(toGate, n);
    MemorySegment du = Native.floats(toUp, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector x = load(g, i);
      FloatVector d = load(dy, i);
      FloatVector s = Activations.geluTanhFactor(x);
      if (toGate != 0) {
        put(d.mul(load(u, i)).mul(Activations.geluTanhSlope(x, s)), dg, i, addGate);
      }
      if (toUp != 0) {
        put(d.mul(x.mul(s)), du, i, addUp);
      }
    }
  }

  private static void geluErfBackward(
      long gate,
      long up,
      long gradient,
      long toGate,
      boolean addGate,
      long toUp,
      boolean addUp,
      int n) {
    MemorySegment g = Native.floats(gate, n);
    MemorySegment u = Native.floats(up, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dg = Native.floats(toGate, n);
    MemorySegment du = Native.floats(toUp, n);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector x = load(g, i);
      FloatVector d = load(dy, i);
      FloatVector s = Activations.geluErfFactor(x);
      if (toGate != 0) {
        put(d.mul(load(u, i)).mul(Activations.geluErfSlope(x, s)), dg, i, addGate);
      }
      if (toUp != 0) {
        put(d.mul(x.mul(s)), du, i, addUp);
      }
    }
  }
}
