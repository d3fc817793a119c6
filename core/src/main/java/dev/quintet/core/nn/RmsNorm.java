package dev.quintet.core.nn;

import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;
import java.util.List;

/// RMS norm over the last axis, with a weight and no bias (Zhang and Sennrich, arXiv 1910.07467).
public final class RmsNorm extends Module implements Layer {
  private final Parameter weight;
  private final float epsilon;

  /// A norm.
  ///
  /// @param weight `[D]`
  /// @param epsilon added to the mean of squares
  public RmsNorm(Parameter weight, float epsilon) {
    this.weight = parameter("weight", weight);
    this.epsilon = epsilon;
  }

  /// A new norm of weight 1 and an epsilon of 1e-6, on the device of the innermost open scope, or on the processor.
  ///
  /// @param width D
  public static RmsNorm create(int width) {
    return new RmsNorm(Init.ones().make(Shape.of(width), 0), 1e-6f);
  }

  /// The weight, `[D]`.
  public Parameter weight() {
    return weight;
  }

  /// What is added to the mean of squares.
  public float epsilon() {
    return epsilon;
  }

  @Override
  public Tensor apply(Tensor x, Pass pass) {
    return x.rmsNorm(weight, epsilon);
  }

  @Override
  public boolean perToken() {
    return true;
  }

  /// h + dropout(branch), and its norm, as one operation.
  public List<Tensor> residual(Tensor h, Tensor branch, DropoutMask mask) {
    return h.residualNorm(branch, mask, weight, epsilon);
  }
}
