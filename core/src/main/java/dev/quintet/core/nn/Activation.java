package dev.quintet.core.nn;

import dev.quintet.core.tensor.Tensor;
import java.util.Objects;
import java.util.function.UnaryOperator;

/// A function as a layer without parameters: `new Activation(Tensor::relu)`.
public final class Activation extends Module implements Layer {
  private final Layer function;

  /// A layer that applies a function.
  public Activation(UnaryOperator<Tensor> function) {
    Objects.requireNonNull(function, "function");
    this.function = (x, _) -> function.apply(x);
  }

  private Activation(Layer function) {
    this.function = function;
  }

  /// A layer as a module: itself, if it is one.
  static Module module(Layer layer) {
    return layer instanceof Module module ? module : new Activation(layer);
  }

  @Override
  public Tensor apply(Tensor x, Pass pass) {
    return function.apply(x, pass);
  }
}
