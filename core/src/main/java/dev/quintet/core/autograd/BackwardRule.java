package dev.quintet.core.autograd;

import dev.quintet.core.tensor.Tensor;

/// How one operation carries the gradient of its result to its inputs.
///
/// Called in a scope of its own in which nothing is recorded. It may read the data of the tensors
/// that were saved, adds to inputs with [Tensor#addGradient] or [Tensor#gradientSink], and asks
/// [Tensor#requiresGradient] first.
@FunctionalInterface
public interface BackwardRule {

  /// Carries the gradient back.
  ///
  /// @param dy the gradient of the result, of its shape
  void run(Tensor dy);
}
