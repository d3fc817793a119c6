package dev.quintet.core.backend;

import dev.quintet.core.shape.DType;

/// The element types of a kernel's operands, each [DType#F32] or [DType#BF16]. Sums are kept in float32 or wider
/// whatever the types; statistics and gradients of parameters are float32.
///
/// @param in of the inputs, and of their gradients
/// @param weight of the weight, whose gradient is float32
/// @param out of the result, and of its gradient
public record Types(DType in, DType weight, DType out) {
  /// Float32 alone.
  public static final Types F32 = of(DType.F32);

  /// One type for all.
  public static Types of(DType type) {
    return new Types(type, type, type);
  }

  /// Whether all are float32.
  public boolean floats() {
    return in == DType.F32 && weight == DType.F32 && out == DType.F32;
  }
}
