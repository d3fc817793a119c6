package dev.quintet.core.autograd;

import dev.quintet.core.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/// How one operation carries the gradients of its results to its inputs.
///
/// Called in a scope of its own in which nothing is recorded. It may read the data of the tensors
/// that were saved, and gives inputs their part with [dev.quintet.core.tensor.Op#add] or
/// [dev.quintet.core.tensor.Op#gradient].
@FunctionalInterface
public interface BackwardRule {
  /// Carries the gradients back.
  ///
  /// @param gradients one for each result, of its shape; empty where none has arrived
  void run(List<Optional<Tensor>> gradients);

  /// The way back of an operation with one result.
  @FunctionalInterface
  interface OfOne extends BackwardRule {
    /// Carries the gradient back.
    ///
    /// @param dy the gradient of the result, of its shape
    void run(Tensor dy);

    @Override
    default void run(List<Optional<Tensor>> gradients) {
      run(gradients.getFirst().orElseThrow());
    }
  }
}
