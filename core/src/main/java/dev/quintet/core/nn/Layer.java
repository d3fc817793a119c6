package dev.quintet.core.nn;

import dev.quintet.core.tensor.Tensor;

/// A [Module] that makes one tensor of one tensor.
///
/// A model holds its projections as `Child<Layer>`, so that an adapter can take a projection's place.
public interface Layer {

  /// Computes the result.
  ///
  /// @param x the input
  /// @param pass whether this is training, for layers that drop
  Tensor apply(Tensor x, Pass pass);

  /// Whether it makes each token of that token alone, `[..., N]` of `[..., K]`, whatever the axes before: tokens may then lie
  /// without the padding of their rows. It may drop by the [Pass], which then says where each one stands.
  default boolean perToken() {
    return false;
  }
}
