package dev.quintet.core.op;

import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Op;
import dev.quintet.core.tensor.Tensor;
import java.util.List;

/// RMS norm and layer norm over the last axis, D.
public final class Norms {
  private Norms() {}

  /// y = x rstd w with rstd = 1 / sqrt(mean(x²) + epsilon).
  public static Tensor rmsNorm(Tensor x, Tensor weight, float epsilon) {
    Operands.floats("rmsNorm", x, weight);
    int width = x.shape().width();
    long rows = x.shape().rows();
    Operands.shape("rmsNorm", "the weight", weight, Shape.of(width));
    Tensor y = Tensor.empty(x.shape(), DType.F32);
    Tensor rstd = Tensor.empty(Shape.of(rows), DType.F32);
    var kernels = x.backend().norm();
    kernels.rmsNorm(
        rows, width, epsilon, x.address(), weight.address(), y.address(), rstd.address());
    return Op.result("rmsNorm", y)
        .from(x, weight)
        .saves(x, weight, rstd)
        .back(dy -> {
          Gradient dx = Op.gradient(x);
          Gradient dw = Op.gradient(weight);
          kernels.rmsNormBackward(
              rows,
              width,
              x.address(),
              weight.address(),
              rstd.address(),
              dy.address(),
              dx.address(),
              dx.add(),
              dw.address(),
              dw.add());
        });
  }

  /// y = (x - mean) rstd w + b with rstd = 1 / sqrt(variance + epsilon).
  public static Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, float epsilon) {
    Operands.floats("layerNorm", x, weight, bias);
    int width = x.shape().width();
    long rows = x.shape().rows();
    Operands.shape("layerNorm", "the weight", weight, Shape.of(width));
    Operands.shape("layerNorm", "the bias", bias, Shape.of(width));
    Tensor y = Tensor.empty(x.shape(), DType.F32);
    Tensor mean = Tensor.empty(Shape.of(rows), DType.F32);
    Tensor rstd = Tensor.empty(Shape.of(rows), DType.F32);
    var kernels = x.backend().norm();
    kernels.layerNorm(
        rows,
        width,
        epsilon,
        x.address(),
        weight.address(),
        bias.address(),
        y.address(),
        mean.address(),
        rstd.address());
    return Op.result("layerNorm", y)
        .from(x, weight, bias)
        .saves(x, weight, mean, rstd)
        .back(dy -> {
          Gradient dx = Op.gradient(x);
          Gradient dw = Op.gradient(weight);
          Gradient db = Op.gradient(bias);
          kernels.layerNormBackward(
              rows,
              width,
              x.address(),
              weight.address(),
              mean.address(),
              rstd.address(),
              dy.address(),
              dx.address(),
              dx.add(),
              dw.address(),
              dw.add(),
              db.address(),
              db.add());
        });
  }

  /// The sum x + mask branch scale, and its RMS norm.
  public static List<Tensor> residualNorm(
      Tensor x, Tensor branch, DropoutMask mask, Tensor weight, float epsilon) {
    Tensor sum = Dropouts.residual(x, branch, mask);
    return List.of(sum, rmsNorm(sum, weight, epsilon));
  }
}
