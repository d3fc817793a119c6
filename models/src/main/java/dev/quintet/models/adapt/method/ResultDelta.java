package dev.quintet.models.adapt.method;

import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.tensor.Tensor;

/// What an adapter does with a layer's result: rows of several adapters can then share the layer.
public abstract class ResultDelta extends LayerDelta {

  /// A delta.
  protected ResultDelta() {}

  /// What becomes of the result.
  ///
  /// @param x the layer's input, `[..., K]`
  /// @param y its result, `[..., N]`
  /// @param pass whether this is training
  public abstract Tensor after(Tensor x, Tensor y, Pass pass);

  @Override
  public final Tensor apply(Layer base, Tensor x, Pass pass) {
    return after(x, base.apply(x, pass), pass);
  }
}
