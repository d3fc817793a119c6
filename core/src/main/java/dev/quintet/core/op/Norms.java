package dev.quintet.core.op;

import dev.quintet.core.autograd.GradientSlot.Sink;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Tensor;
import java.util.List;

/// RMS norm and layer norm over the last axis, D.
public final class Norms {
  private static final Sink NONE = new Sink(0, false);

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
    return y.differentiable(
        "rmsNorm",
        List.of(x, weight),
        List.of(x, weight, rstd),
        dy -> {
          Sink dx = sink(x);
          Sink dw = sink(weight);
          kernels.rmsNormBackward(
              rows,
              width,
              x.address(),
              weight.address(),
              rstd.address(),
              dy.address(),
              dx.address(),
              dx.accumulate(),
              dw.address(),
              dw.accumulate());
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
    return y.differentiable(
        "layerNorm",
        List.of(x, weight, bias),
        List.of(x, weight, mean, rstd),
        dy -> {
          Sink dx = sink(x);
          Sink dw = sink(weight);
          Sink db = sink(bias);
          kernels.layerNormBackward(
              rows,
              width,
              x.address(),
              weight.address(),
              mean.address(),
              rstd.address(),
              dy.address(),
              dx.address(),
              dx.accumulate(),
              dw.address(),
              dw.accumulate(),
              db.address(),
              db.accumulate());
        });
  }

  private static Sink sink(Tensor x) {
    return x.requiresGradient() ? x.gradientSink() : NONE;
  }
}
