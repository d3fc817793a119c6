package dev.quintet.core.backend;

import dev.quintet.core.backend.ElementwiseKernels.Unary;

/// What a gate computes, and its sizes and types.
///
/// @param activation one of RELU, SILU, GELU_TANH and GELU_ERF
/// @param dropout of the result: its sizes are the gate's, and its `in` the type of all operands
public record GateCall(Unary activation, DropoutCall dropout) {
  /// Checks the activation.
  ///
  /// @throws IllegalArgumentException if it is another
  public GateCall {
    if (activation != Unary.RELU
        && activation != Unary.SILU
        && activation != Unary.GELU_TANH
        && activation != Unary.GELU_ERF) {
      throw new IllegalArgumentException(
          "a gate's activation is RELU, SILU, GELU_TANH or GELU_ERF, not " + activation);
    }
  }
}
