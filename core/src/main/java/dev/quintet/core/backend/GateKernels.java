package dev.quintet.core.backend;

/// The gate of a gated feed-forward layer: activation(gate) times up, and the dropout behind it.
public interface GateKernels {

  /// y = mask f(gate) up scale.
  void gated(GateCall call, long gate, long up, long y);

  /// With d = mask dy scale: dGate = d up f'(gate) and dUp = d f(gate). `dUp` may be `dy`.
  void gatedBackward(GateCall call, long gate, long up, long dy, Gradient dGate, Gradient dUp);
}
