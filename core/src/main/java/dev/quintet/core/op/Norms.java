package dev.quintet.core.op;

import dev.quintet.core.backend.DropoutCall;
import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.NormCall;
import dev.quintet.core.backend.NormRows;
import dev.quintet.core.backend.Types;
import dev.quintet.core.backend.Widened;
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
    NormCall call = call("rmsNorm", x, weight, epsilon);
    Tensor y = Tensor.empty(x.shape(), x.type());
    Tensor rstd = Tensor.empty(Shape.of(call.rows()), DType.F32);
    var kernels = x.backend().norm();
    kernels.norm(call, rows(x, weight, rstd), y.address());
    return Op.result("rmsNorm", y)
        .from(x, weight)
        .saves(x, weight, rstd)
        .back(dy -> {
          try (var widened = new Widened(x.backend())) {
            kernels.normBackward(
                call,
                rows(x, weight, rstd),
                dy.address(),
                Op.gradient(x),
                Operands.weightGradient(widened, weight),
                Gradient.NONE);
          }
        });
  }

  /// y = (x - mean) rstd w + b with rstd = 1 / sqrt(variance + epsilon).
  public static Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, float epsilon) {
    NormCall call = call("layerNorm", x, weight, epsilon);
    Operands.type("layerNorm", "the bias", bias, weight.type());
    Operands.sameDevice("layerNorm", x, bias);
    Operands.shape("layerNorm", "the bias", bias, weight.shape());
    Tensor y = Tensor.empty(x.shape(), x.type());
    Tensor mean = Tensor.empty(Shape.of(call.rows()), DType.F32);
    Tensor rstd = Tensor.empty(Shape.of(call.rows()), DType.F32);
    var kernels = x.backend().norm();
    kernels.norm(call, rows(x, weight, bias, mean, rstd), y.address());
    return Op.result("layerNorm", y)
        .from(x, weight, bias)
        .saves(x, weight, mean, rstd)
        .back(dy -> {
          try (var widened = new Widened(x.backend())) {
            kernels.normBackward(
                call,
                rows(x, weight, weight, mean, rstd), // a bias is not read on the way back
                dy.address(),
                Op.gradient(x),
                Operands.weightGradient(widened, weight),
                Operands.weightGradient(widened, bias));
          }
        });
  }

  /// The sum x + mask branch scale, and its RMS norm. The sum's gradient is x's, and without dropout the branch's.
  public static List<Tensor> residualNorm(
      Tensor x, Tensor branch, DropoutMask mask, Tensor weight, float epsilon) {
    NormCall call = call("residualNorm", x, weight, epsilon);
    Operands.real("residualNorm", x, branch);
    Operands.shape("residualNorm", "the branch", branch, x.shape());
    DropoutCall dropout = Dropouts.call(mask, branch, x.type());
    Tensor sum = Tensor.empty(x.shape(), x.type());
    Tensor y = Tensor.empty(x.shape(), x.type());
    Tensor rstd = Tensor.empty(Shape.of(call.rows()), DType.F32);
    var kernels = x.backend().norm();
    if (y.elements() > 0) {
      kernels.residualNorm(
          call, dropout, x.address(), branch.address(), rows(sum, weight, rstd), y.address());
    }
    // a sum that nothing learns from records nothing, though its norm's weight may learn
    boolean passes = x.requiresGradient() || branch.requiresGradient();
    Op.results("residualNorm", passes ? List.of(sum, y) : List.of(y))
        .from(x, branch, weight)
        .saves(sum, weight, rstd)
        .backEach(dys -> {
          if (dys.getLast().isEmpty()) {
            Dropouts.residualBack(x, branch, mask, dys.getFirst().orElseThrow());
            return;
          }
          boolean drops = mask.active() && y.elements() > 0;
          try (var widened = new Widened(x.backend())) {
            kernels.residualNormBackward(
                call,
                dropout,
                rows(sum, weight, rstd),
                dys.getLast().get().address(),
                passes ? Op.gradient(sum) : Gradient.NONE,
                drops ? Op.gradient(branch) : Gradient.NONE,
                Operands.weightGradient(widened, weight));
          }
          if (passes) {
            Tensor total = sum.gradient();
            Op.add(x, total);
            if (!drops) {
              Op.add(branch, total);
            }
          }
        });
    return List.of(sum, y);
  }

  private static NormCall call(String name, Tensor x, Tensor weight, float epsilon) {
    Operands.real(name, x, weight);
    int width = x.shape().width();
    Operands.shape(name, "the weight", weight, Shape.of(width));
    return new NormCall(
        x.shape().rows(), width, epsilon, new Types(x.type(), weight.type(), x.type()));
  }

  private static NormRows rows(Tensor x, Tensor weight, Tensor rstd) {
    return new NormRows(x.address(), weight.address(), rstd.address());
  }

  private static NormRows rows(Tensor x, Tensor weight, Tensor bias, Tensor mean, Tensor rstd) {
    return new NormRows(
        x.address(), weight.address(), bias.address(), mean.address(), rstd.address());
  }
}
