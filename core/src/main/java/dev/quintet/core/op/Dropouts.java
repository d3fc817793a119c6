package dev.quintet.core.op;

import dev.quintet.core.backend.DropoutCall;
import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.Types;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Op;
import dev.quintet.core.tensor.Tensor;

/// Dropout and the residual sum around it. The mask is drawn again on the way back, not stored.
public final class Dropouts {
  private Dropouts() {}

  /// y = mask x scale; dx = mask dy scale.
  public static Tensor dropout(Tensor x, DropoutMask mask) {
    Operands.real("dropout", x);
    if (!mask.active() || x.elements() == 0) {
      return x;
    }
    DropoutCall call = call(mask, x, x.type());
    var kernels = x.backend().dropout();
    Tensor y = Tensor.empty(x.shape(), x.type());
    kernels.dropout(call, x.address(), new Gradient(y.address(), false));
    return Op.result("dropout", y)
        .from(x)
        .back(dy -> kernels.dropout(call, dy.address(), Op.gradient(x)));
  }

  /// y = x + mask branch scale; dx = dy, dBranch = mask dy scale.
  public static Tensor residual(Tensor x, Tensor branch, DropoutMask mask) {
    Operands.real("residual", x, branch);
    Operands.shape("residual", "the branch", branch, x.shape());
    Tensor y = Tensor.empty(x.shape(), x.type());
    if (y.elements() > 0) {
      x.backend()
          .dropout()
          .residual(call(mask, branch, x.type()), x.address(), branch.address(), y.address());
    }
    return Op.result("residual", y).from(x, branch).back(dy -> residualBack(x, branch, mask, dy));
  }

  /// Hands a sum's gradient on to both sides.
  static void residualBack(Tensor x, Tensor branch, DropoutMask mask, Tensor dy) {
    Op.add(x, dy);
    if (!mask.active() || dy.elements() == 0) {
      Op.add(branch, dy);
    } else if (branch.requiresGradient()) {
      DropoutCall back = call(mask, branch, dy.type()).back();
      x.backend().dropout().dropout(back, dy.address(), Op.gradient(branch));
    }
  }

  /// The dropout of x in a result of this type.
  static DropoutCall call(DropoutMask mask, Tensor x, DType result) {
    Shape shape = x.shape();
    int rows = shape.rank() == 0 ? 1 : shape.dim(0);
    if (mask.places() != 0) {
      rows = Operands.size("dropout", "the tokens", shape.rows());
    }
    return new DropoutCall(
        mask, rows, x.elements() / Math.max(1, rows), new Types(x.type(), x.type(), result));
  }
}
