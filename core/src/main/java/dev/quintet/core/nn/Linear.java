package dev.quintet.core.nn;

import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// y = x Wᵀ + b: `[..., K]` becomes `[..., N]`.
public final class Linear extends Module implements Layer {
  private final Parameter weight;
  private final Optional<Parameter> bias;

  /// A projection without a bias.
  ///
  /// @param weight `[N, K]`
  public Linear(Parameter weight) {
    this(weight, Optional.empty());
  }

  /// A projection.
  ///
  /// @param weight `[N, K]`
  /// @param bias `[N]`
  public Linear(Parameter weight, Parameter bias) {
    this(weight, Optional.of(bias));
  }

  private Linear(Parameter weight, Optional<Parameter> bias) {
    this.weight = parameter("weight", weight);
    this.bias = bias.map(b -> parameter("bias", b));
  }

  /// The weight, `[N, K]`.
  public Parameter weight() {
    return weight;
  }

  @Override
  public Tensor apply(Tensor x, Pass pass) {
    Tensor y = x.linear(weight);
    return bias.isPresent() ? y.add(bias.get()) : y;
  }

  /// What several layers make of one input. Plain projections of one shape are one operation.
  public static List<Tensor> each(List<? extends Layer> layers, Tensor x, Pass pass) {
    var weights = new ArrayList<Parameter>();
    for (Layer layer : layers) {
      if (layer instanceof Linear plain
          && plain.bias.isEmpty()
          && (weights.isEmpty() || plain.weight.shape().equals(weights.getFirst().shape()))) {
        weights.add(plain.weight);
      }
    }
    return weights.size() == layers.size() && weights.size() > 1
        ? x.linearEach(weights)
        : layers.stream().map(layer -> layer.apply(x, pass)).toList();
  }
}
