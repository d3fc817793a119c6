package dev.quintet.core.nn;

import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;

/// Layer norm over the last axis, with a weight and a bias (Ba et al., arXiv 1607.06450).
public final class LayerNorm extends Module implements Layer {
  private final Parameter weight;
  private final Parameter bias;
  private final float epsilon;

  /// A norm.
  ///
  /// @param weight `[D]`
  /// @param bias `[D]`
  /// @param epsilon added to the variance
  public LayerNorm(Parameter weight, Parameter bias, float epsilon) {
    this.weight = parameter("weight", weight);
    this.bias = parameter("bias", bias);
    this.epsilon = epsilon;
  }

  /// A new norm of weight 1, bias 0 and an epsilon of 1e-5, on the device of the innermost open scope, or on the
  /// processor.
  ///
  /// @param width D
  public static LayerNorm create(int width) {
    Shape shape = Shape.of(width);
    return new LayerNorm(Init.ones().make(shape, 0), Init.zeros().make(shape, 0), 1e-5f);
  }

  @Override
  public Tensor apply(Tensor x, Pass pass) {
    return x.layerNorm(weight, bias, epsilon);
  }

  @Override
  public boolean perToken() {
    return true;
  }
}
