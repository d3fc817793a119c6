package dev.quintet.core.backend;

/// The gate of a gated feed-forward layer: activation(gate) times up, and the dropout behind it.
public interface GateKernels {

  /// y = mask f(gate) up scale.
  void gated(GateCall call, long gate, long up, long y);

  /// gate = x W₀ᵀ, up = x W₁ᵀ, and the gate of both: a gated feed-forward layer up to its last product.
  ///
  /// @param call whose elements are y's, row after row
  /// @param product what both products are: of contiguous results, not added, whose type is the call's
  /// @param x address of A
  /// @param gateWeight address of the B that gate is made with
  /// @param upWeight address of the B that up is made with
  /// @param gate address where x W₀ᵀ is put; 0 where nobody wants it nor `up`
  /// @param up address where x W₁ᵀ is put; 0 where nobody wants it nor `gate`
  void gatedProduct(
      GateCall call,
      Product product,
      long x,
      long gateWeight,
      long upWeight,
      long gate,
      long up,
      long y);

  /// With d = mask dy scale: dGate = d up f'(gate) and dUp = d f(gate). `dUp` may be `dy`.
  void gatedBackward(GateCall call, long gate, long up, long dy, Gradient dGate, Gradient dUp);
}
