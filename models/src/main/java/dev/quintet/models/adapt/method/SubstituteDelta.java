package dev.quintet.models.adapt.method;

import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;
import java.util.Optional;

/// A layer of the same kind in the place of the model's own, with a weight of its own.
public final class SubstituteDelta extends LayerDelta {
  private final Layer layer;
  private final Parameter weight;

  /// A substitute.
  ///
  /// @param name what the layer is called in files behind the place's path; empty for the place's own
  /// @param layer the layer, a [Module]
  /// @param weight its only parameter
  public SubstituteDelta(String name, Layer layer, Parameter weight) {
    this.layer = layer;
    this.weight = weight;
    if (name.isEmpty()) {
      wraps(Layer.class, (Module) layer);
    } else {
      child(name, Layer.class, (Module) layer);
    }
  }

  /// The layer.
  public Layer layer() {
    return layer;
  }

  @Override
  public Tensor apply(Layer base, Tensor x, Pass pass) {
    return layer.apply(x, pass);
  }

  @Override
  public boolean perToken() {
    return layer.perToken();
  }

  @Override
  public Optional<Tensor> merged(Tensor own) {
    return Optional.of(weight);
  }
}
