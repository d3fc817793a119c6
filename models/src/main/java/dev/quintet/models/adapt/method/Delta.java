package dev.quintet.models.adapt.method;

import dev.quintet.core.nn.Module;
import dev.quintet.core.tensor.Tensor;
import java.util.Optional;

/// What one adapter does in one place of a model: a part with the adapter's parameters, under the names that they have in
/// files behind the place's path.
public abstract sealed class Delta extends Module permits LayerDelta, AttentionDelta {
  Delta() {}

  /// The weight with which the layer alone computes what it does with this delta; empty where there is none.
  ///
  /// @param weight the layer's own, float32
  public Optional<Tensor> merged(Tensor weight) {
    return Optional.empty();
  }
}
