package dev.quintet.core.op;

import dev.quintet.core.backend.ElementwiseKernels.Comparison;
import dev.quintet.core.backend.ReductionKernels.Reduction;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Op;
import dev.quintet.core.tensor.Tensor;
import java.util.Locale;

/// Sums and extremes along an axis, and the running sum.
public final class Reductions {
  private Reductions() {}

  /// The reduction of all elements: a scalar.
  public static Tensor all(Reduction reduction, Tensor x) {
    return reduce(reduction, x.reshape(x.elements()), 0, false);
  }

  /// The reduction along one axis. The gradient of a sum is repeated; that of an extreme goes to the elements that
  /// reach it, in equal shares.
  public static Tensor reduce(Reduction reduction, Tensor x, int axis, boolean keep) {
    String name = reduction.name().toLowerCase(Locale.ROOT);
    Operands.floats(name, x);
    Shape shape = x.shape();
    int a = shape.axis(axis);
    Shape kept = shape.withDim(a, 1);
    Tensor y = Tensor.empty(keep ? kept : shape.without(a), DType.F32);
    if (y.elements() > 0) {
      x.backend()
          .reduction()
          .reduce(
              reduction,
              shape.elements(0, a),
              shape.dim(a),
              shape.elements(a + 1, shape.rank()),
              x.address(),
              y.address());
    }
    return switch (reduction) {
      case SUM ->
          Op.result(name, y).from(x).back(dy -> Op.add(x, Layouts.as(dy, kept).broadcastTo(shape)));
      case MAX, MIN ->
          Op.result(name, y)
              .from(x)
              .saves(x, y)
              .back(dy -> {
                Tensor reaches =
                    x.detach()
                        .compare(Comparison.EQUAL, Layouts.as(y.detach(), kept))
                        .cast(DType.F32);
                Tensor share = Layouts.as(dy, kept).divide(reaches.sum(a, true));
                Op.add(x, reaches.multiply(share));
              });
    };
  }

  /// The running sum along an axis; its gradient is the running sum from the end.
  public static Tensor cumulativeSum(Tensor x, int axis) {
    Operands.floats("cumulativeSum", x);
    int a = x.shape().axis(axis);
    Tensor y = running(x, a, false);
    return Op.result("cumulativeSum", y).from(x).back(dy -> Op.add(x, running(dy, a, true)));
  }

  private static Tensor running(Tensor x, int axis, boolean reverse) {
    Shape shape = x.shape();
    Tensor y = Tensor.empty(shape, DType.F32);
    if (y.elements() > 0) {
      x.backend()
          .reduction()
          .cumulativeSum(
              shape.elements(0, axis),
              shape.dim(axis),
              shape.elements(axis + 1, shape.rank()),
              reverse,
              x.address(),
              y.address());
    }
    return y;
  }
}
