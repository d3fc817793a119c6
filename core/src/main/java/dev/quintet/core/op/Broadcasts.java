package dev.quintet.core.op;

import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Op;
import dev.quintet.core.tensor.Tensor;

/// The way back through broadcasting: a gradient is summed over the axes along which the operand was
/// repeated.
final class Broadcasts {
  private Broadcasts() {}

  /// Adds `gradient`, of a shape that `target` broadcasts to, to the target's gradient.
  static void addReduced(Tensor target, Tensor gradient) {
    if (target.requiresGradient()) {
      Op.add(target, reduced(gradient, target.shape()));
    }
  }

  /// `gradient` summed down to `shape`.
  static Tensor reduced(Tensor gradient, Shape shape) {
    Tensor sum = gradient.shape().equals(shape) ? gradient : gradient.cast(DType.F32);
    while (sum.shape().rank() > shape.rank()) {
      sum = sum.sum(0, false);
    }
    for (int axis = 0; axis < shape.rank(); axis++) {
      if (shape.dim(axis) == 1 && sum.shape().dim(axis) != 1) {
        sum = sum.sum(axis, true);
      }
    }
    return sum;
  }
}
