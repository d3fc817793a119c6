package dev.quintet.core.cpu.scalar;

import static dev.quintet.core.cpu.scalar.ScalarScratch.load;
import static dev.quintet.core.cpu.work.Workspace.floats;

import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.GateKernels;
import dev.quintet.core.cpu.work.Native;

/// The gate of a gated feed-forward layer without the Vector API.
public final class ScalarGate implements GateKernels {

  @Override
  public void gated(Unary activation, long gate, long up, long y, long count) {
    ScalarScratch.chunks(
        count,
        (from, n) -> {
          float[] g = load(0, Native.at(gate, from), n);
          float[] u = load(1, Native.at(up, from), n);
          ScalarActivations.apply(activation, 0, g, g, n);
          multiply(g, u, n);
          ScalarScratch.store(g, Native.at(y, from), n);
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
    ScalarScratch.chunks(
        count,
        (from, n) -> {
          float[] g = load(0, Native.at(gate, from), n);
          float[] d = load(1, Native.at(dy, from), n);
          float[] activated = floats(2, n);
          float[] result = floats(3, n);
          ScalarActivations.apply(activation, 0, g, activated, n);
          if (dUp != 0) {
            System.arraycopy(activated, 0, result, 0, n);
            multiply(result, d, n);
            ScalarRows.put(result, Native.at(dUp, from), n, addDUp, 4);
          }
          if (dGate != 0) {
            float[] u = load(4, Native.at(up, from), n);
            ScalarActivations.derivative(activation, 0, g, result, n);
            multiply(result, d, n);
            multiply(result, u, n);
            ScalarRows.put(result, Native.at(dGate, from), n, addDGate, 4);
          }
        });
  }

  private static void multiply(float[] x, float[] by, int n) {
    for (int i = 0; i < n; i++) {
      x[i] *= by[i];
    }
  }
}
