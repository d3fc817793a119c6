package dev.quintet.core.op;

import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Op;
import dev.quintet.core.tensor.Tensor;

/// Dropout and the residual sum around it. The mask is drawn again on the way back, not stored.
public final class Dropouts {
  private Dropouts() {}

  /// y = mask x scale; dx = mask dy scale.
  public static Tensor dropout(Tensor x, DropoutMask mask) {
    Operands.floats("dropout", x);
    if (!mask.active() || x.elements() == 0) {
      return x;
    }
    int rows = rows(x.shape());
    long width = x.elements() / Math.max(1, rows);
    var kernels = x.backend().dropout();
    Tensor y = Tensor.empty(x.shape(), DType.F32);
    kernels.dropout(mask, rows, width, x.address(), y.address(), false);
    return Op.result("dropout", y)
        .from(x)
        .back(dy -> {
          var dx = Op.gradient(x);
          kernels.dropout(mask, rows, width, dy.address(), dx.address(), dx.add());
        });
  }

  /// y = x + mask branch scale; dx = dy, dBranch = mask dy scale.
  public static Tensor residual(Tensor x, Tensor branch, DropoutMask mask) {
    Operands.floats("residual", x, branch);
    Operands.shape("residual", "the branch", branch, x.shape());
    int rows = rows(x.shape());
    long width = x.elements() / Math.max(1, rows);
    var kernels = x.backend().dropout();
    Tensor y = Tensor.empty(x.shape(), DType.F32);
    if (y.elements() > 0) {
      kernels.residual(mask, rows, width, x.address(), branch.address(), y.address());
    }
    return Op.result("residual", y)
        .from(x, branch)
        .back(dy -> {
          Op.add(x, dy);
          if (branch.requiresGradient() && (!mask.active() || dy.elements() == 0)) {
            Op.add(branch, dy);
          } else if (branch.requiresGradient()) {
            var dBranch = Op.gradient(branch);
            kernels.dropout(mask, rows, width, dy.address(), dBranch.address(), dBranch.add());
          }
        });
  }

  private static int rows(Shape shape) {
    return shape.rank() == 0 ? 1 : shape.dim(0);
  }
}
