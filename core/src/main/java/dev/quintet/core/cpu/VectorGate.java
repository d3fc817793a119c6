package dev.quintet.core.cpu;

import static dev.quintet.core.cpu.Lanes.first;
import static dev.quintet.core.cpu.Lanes.load;
import static dev.quintet.core.cpu.Lanes.store;
import static dev.quintet.core.cpu.Native.at;
import static dev.quintet.core.cpu.UnaryBackwardLoops.put;

import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.GateKernels;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// The gate of a gated feed-forward layer on vectors, one loop an activation.
///
/// With s the activation's factor, f(x) = x s: see [Activations].
final class VectorGate implements GateKernels {

  @Override
  public void gated(Unary activation, long gate, long up, long y, long count) {
    check(activation);
    Cuts.elements(
        count,
        (from, n) -> {
          long g = at(gate, from);
          long u = at(up, from);
          long to = at(y, from);
          switch (activation) {
            case RELU -> relu(g, u, to, n);
            case SILU -> silu(g, u, to, n);
            case GELU_TANH -> geluTanh(g, u, to, n);
            default -> geluErf(g, u, to, n);
          }
        });
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
        (from, n) -> {
          long g = at(gate, from);
          long u = at(up, from);
          long d = at(dy, from);
          long toGate = dGate == 0 ? 0 : at(dGate, from);
          long toUp = dUp == 0 ? 0 : at(dUp, from);
          switch (activation) {
            case RELU -> reluBackward(g, u, d, toGate, addDGate, toUp, addDUp, n);
            case SILU -> siluBackward(g, u, d, toGate, addDGate, toUp, addDUp, n);
            case GELU_TANH -> geluTanhBackward(g, u, d, toGate, addDGate, toUp, addDUp, n);
            default -> geluErfBackward(g, u, d, toGate, addDGate, toUp, addDUp, n);
          }
        });
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
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      FloatVector x = load(g, i);
      store(x.max(0f).mul(load(u, i)), y, i);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      FloatVector x = load(g, i, m);
      store(x.max(0f).mul(load(u, i, m)), y, i, m);
    }
  }

  private static void silu(long gate, long up, long to, int n) {
    MemorySegment g = Native.floats(gate, n);
    MemorySegment u = Native.floats(up, n);
    MemorySegment y = Native.floats(to, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      FloatVector x = load(g, i);
      store(x.mul(Activations.sigmoid(x)).mul(load(u, i)), y, i);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      FloatVector x = load(g, i, m);
      store(x.mul(Activations.sigmoid(x)).mul(load(u, i, m)), y, i, m);
    }
  }

  private static void geluTanh(long gate, long up, long to, int n) {
    MemorySegment g = Native.floats(gate, n);
    MemorySegment u = Native.floats(up, n);
    MemorySegment y = Native.floats(to, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      FloatVector x = load(g, i);
      store(x.mul(Activations.geluTanhFactor(x)).mul(load(u, i)), y, i);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      FloatVector x = load(g, i, m);
      store(x.mul(Activations.geluTanhFactor(x)).mul(load(u, i, m)), y, i, m);
    }
  }

  private static void geluErf(long gate, long up, long to, int n) {
    MemorySegment g = Native.floats(gate, n);
    MemorySegment u = Native.floats(up, n);
    MemorySegment y = Native.floats(to, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      FloatVector x = load(g, i);
      store(x.mul(Activations.geluErfFactor(x)).mul(load(u, i)), y, i);
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      FloatVector x = load(g, i, m);
      store(x.mul(Activations.geluErfFactor(x)).mul(load(u, i, m)), y, i, m);
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
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      FloatVector x = load(g, i);
      FloatVector d = load(dy, i);
      if (toGate != 0) {
        put(d.mul(load(u, i)).blend(0f, x.compare(VectorOperators.LE, 0f)), dg, i, addGate);
      }
      if (toUp != 0) {
        put(d.mul(x.max(0f)), du, i, addUp);
      }
    }
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      FloatVector x = load(g, i, m);
      FloatVector d = load(dy, i, m);
      if (toGate != 0) {
        put(d.mul(load(u, i, m)).blend(0f, x.compare(VectorOperators.LE, 0f)), dg, i, m, addGate);
      }
      if (toUp != 0) {
        put(d.mul(x.max(0f)), du, i, m, addUp);
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
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
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
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      FloatVector x = load(g, i, m);
      FloatVector d = load(dy, i, m);
      FloatVector s = Activations.sigmoid(x);
      if (toGate != 0) {
        put(d.mul(load(u, i, m)).mul(Activations.siluSlope(x, s)), dg, i, m, addGate);
      }
      if (toUp != 0) {
        put(d.mul(x.mul(s)), du, i, m, addUp);
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
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
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
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      FloatVector x = load(g, i, m);
      FloatVector d = load(dy, i, m);
      FloatVector s = Activations.geluTanhFactor(x);
      if (toGate != 0) {
        put(d.mul(load(u, i, m)).mul(Activations.geluTanhSlope(x, s)), dg, i, m, addGate);
      }
      if (toUp != 0) {
        put(d.mul(x.mul(s)), du, i, m, addUp);
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
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
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
    if (i < n) {
      VectorMask<Float> m = first(n - i);
      FloatVector x = load(g, i, m);
      FloatVector d = load(dy, i, m);
      FloatVector s = Activations.geluErfFactor(x);
      if (toGate != 0) {
        put(d.mul(load(u, i, m)).mul(Activations.geluErfSlope(x, s)), dg, i, m, addGate);
      }
      if (toUp != 0) {
        put(d.mul(x.mul(s)), du, i, m, addUp);
      }
    }
  }
}
