package dev.quintet.core.backend;

import dev.quintet.core.backend.ElementwiseKernels.Unary;

/// The gate of a gated feed-forward layer: activation(gate) times up.
public interface GateKernels {

  /// y = f(gate) up, for f one of RELU, SILU, GELU_TANH and GELU_ERF.
  void gated(Unary activation, long gate, long up, long y, long count);

  /// dGate = dy up f'(gate) and dUp = dy f(gate); an address of 0 leaves one out. `dUp` may be `dy`.
  void gatedBackward(
      Unary activation,
      long gate,
      long up,
      long dy,
      long dGate,
      boolean addDGate,
      long dUp,
      boolean addDUp,
      long count);
}
