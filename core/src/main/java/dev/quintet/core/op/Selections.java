package dev.quintet.core.op;

import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Op;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.core.tensor.Tensor.TopK;

/// Where the last axis is largest, and its largest elements.
public final class Selections {
  private Selections() {}

  /// The place of the largest element; no gradient.
  public static Tensor argMax(Tensor x) {
    if (x.type() == DType.BF16) {
      return argMax(x.cast(DType.F32));
    }
    Operands.floats("argMax", x);
    if (x.shape().rank() == 0 || x.shape().width() == 0) {
      throw new IllegalArgumentException(
          "argMax: the last axis must have elements; came " + x.shape());
    }
    Tensor y = Tensor.empty(x.shape().without(-1), DType.I32);
    if (y.elements() > 0) {
      x.backend().reduction().argMax(x.shape().rows(), x.shape().width(), x.address(), y.address());
    }
    return y;
  }

  /// The k largest with their places; the gradient of a value goes to its place.
  public static TopK topK(Tensor x, int k) {
    if (x.type() == DType.BF16) {
      TopK wide = topK(x.cast(DType.F32), k);
      return new TopK(wide.values().cast(DType.BF16), wide.indices());
    }
    Operands.floats("topK", x);
    if (x.shape().rank() == 0 || k < 0 || k > x.shape().width()) {
      throw new IllegalArgumentException(
          "topK: k must be from 0 to the last axis; came k = " + k + " and " + x.shape());
    }
    Shape shape = x.shape().withDim(-1, k);
    Tensor values = Tensor.empty(shape, DType.F32);
    Tensor indices = Tensor.empty(shape, DType.I32);
    if (values.elements() > 0) {
      x.backend()
          .reduction()
          .topK(
              x.shape().rows(),
              x.shape().width(),
              k,
              x.address(),
              values.address(),
              indices.address());
    }
    Op.result("topK", values)
        .from(x)
        .saves(indices)
        .back(dy -> Op.add(x, Indexing.scatterAdd(Tensor.zeros(x.shape()), -1, indices, dy)));
    return new TopK(values, indices);
  }
}
