package dev.quintet.core.op;

import dev.quintet.core.shape.DType;
import dev.quintet.core.tensor.Op;
import dev.quintet.core.tensor.Tensor;

/// Softmax along the last axis, and its logarithm.
public final class Softmaxes {
  private Softmaxes() {}

  /// y = softmax(x); dx = y (dy - sum(y dy)).
  public static Tensor softmax(Tensor x) {
    if (x.type() == DType.BF16) {
      return Operands.widened(x, Softmaxes::softmax);
    }
    Operands.floats("softmax", x);
    Tensor y = Tensor.empty(x.shape(), DType.F32);
    long rows = x.shape().rows();
    int width = x.shape().width();
    var kernels = x.backend().softmax();
    if (y.elements() > 0) {
      kernels.softmax(rows, width, x.address(), y.address());
    }
    return Op.result("softmax", y)
        .from(x)
        .saves(y)
        .back(dy -> {
          var dx = Op.gradient(x);
          if (y.elements() > 0) {
            kernels.softmaxBackward(rows, width, y.address(), dy.address(), dx.address(), dx.add());
          }
        });
  }

  /// y = x - logsumexp(x); dx = dy - exp(y) sum(dy).
  public static Tensor logSoftmax(Tensor x) {
    if (x.type() == DType.BF16) {
      return Operands.widened(x, Softmaxes::logSoftmax);
    }
    Operands.floats("logSoftmax", x);
    Tensor y = Tensor.empty(x.shape(), DType.F32);
    long rows = x.shape().rows();
    int width = x.shape().width();
    var kernels = x.backend().softmax();
    if (y.elements() > 0) {
      kernels.logSoftmax(rows, width, x.address(), y.address());
    }
    return Op.result("logSoftmax", y)
        .from(x)
        .saves(y)
        .back(dy -> {
          var dx = Op.gradient(x);
          if (y.elements() > 0) {
            kernels.logSoftmaxBackward(
                rows, width, y.address(), dy.address(), dx.address(), dx.add());
          }
        });
  }
}
