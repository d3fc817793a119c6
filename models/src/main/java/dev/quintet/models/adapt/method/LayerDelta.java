package dev.quintet.models.adapt.method;

import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.tensor.Tensor;

/// What an adapter does with a layer: anything. [ResultDelta] and [SubstituteDelta] leave more of the layer's work
/// together with others'.
public abstract non-sealed class LayerDelta extends Delta {

  /// A delta.
  protected LayerDelta() {}

  /// What the layer gives with this adapter.
  ///
  /// @param base the layer without it
  /// @param x the input, the first axis its rows
  /// @param pass whether this is training
  public abstract Tensor apply(Layer base, Tensor x, Pass pass);

  /// Whether it leaves a layer that is [per token][Layer#perToken] so.
  public boolean perToken() {
    return false;
  }
}
