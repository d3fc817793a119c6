package dev.quintet.core.nn;

import dev.quintet.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Layers one after the other: each takes what the one before it made.
///
/// Their names are their places: `0.weight`, `2.bias`.
public final class Sequential extends Module implements Layer {
  private final List<Child<Layer>> layers = new ArrayList<>();

  private Sequential(Layer... layers) {
    for (Layer layer : layers) {
      Objects.requireNonNull(layer, "each of the layers");
      String place = String.valueOf(this.layers.size());
      this.layers.add(child(place, Layer.class, Activation.module(layer)));
    }
  }

  /// These layers, of which functions such as `(x, pass) -> x.relu()` may be some; without any, what comes goes out.
  public static Sequential of(Layer... layers) {
    Objects.requireNonNull(layers, "layers");
    return new Sequential(layers);
  }

  @Override
  public Tensor apply(Tensor x, Pass pass) {
    Tensor y = x;
    for (Child<Layer> layer : layers) {
      y = layer.get().apply(y, pass);
    }
    return y;
  }

  @Override
  public boolean perToken() {
    return layers.stream().allMatch(layer -> layer.get().perToken());
  }
}
