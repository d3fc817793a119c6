package dev.quintet.core.nn;

import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;
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
}
