package dev.quintet.core.op;

import dev.quintet.core.backend.ElementwiseKernels.Comparison;
import dev.quintet.core.backend.ReductionKernels.Reduction;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Op;
import dev.quintet.core.tensor.Tensor;
import java.util.List;
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
    Shape shape = x.shape();
    int a = shape.axis(axis);
    Shape kept = shape.withDim(a, 1);
    if (x.type() == DType.BOOL || x.type() == DType.U8) {
      return reduce(reduction, x.cast(DType.I32), axis, keep);
    }
    if (x.type() == DType.I32) {
      return ofInts(reduction, x, a, keep ? kept : shape.without(a));
    }
    if (x.type() == DType.BF16) {
      return Operands.widened(x, wide -> reduce(reduction, wide, a, keep));
    }
    Operands.floats(name, x);
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

  private static Tensor ofInts(Reduction reduction, Tensor x, int axis, Shape result) {
    Operands.sameDevice(reduction.name().toLowerCase(Locale.ROOT), x);
    Tensor y = Tensor.empty(result, DType.I32);
    if (y.elements() > 0) {
      long outer = x.shape().elements(0, axis);
      long inner = x.shape().elements(axis + 1, x.shape().rank());
      x.backend()
          .reduction()
          .reduceInts(reduction, outer, x.shape().dim(axis), inner, x.address(), y.address());
    }
    return y;
  }

  /// The mean of all elements.
  public static Tensor mean(Tensor x) {
    return mean(x.reshape(x.elements()), 0, false);
  }

  /// The mean along an axis.
  public static Tensor mean(Tensor x, int axis, boolean keep) {
    if (x.type() == DType.BF16) {
      return Operands.widened(x, wide -> mean(wide, axis, keep));
    }
    Operands.floats("mean", x);
    return x.sum(axis, keep).multiply(1f / x.shape().dim(axis));
  }

  /// The sum of squared distances from the mean, over one less than their number.
  public static Tensor var(Tensor x, int axis, boolean keep) {
    if (x.type() == DType.BF16) {
      return Operands.widened(x, wide -> var(wide, axis, keep));
    }
    Operands.floats("var", x);
    return x.subtract(x.mean(axis, true))
        .square()
        .sum(axis, keep)
        .multiply(1f / (x.shape().dim(axis) - 1));
  }

  /// The product along an axis: of both halves, and so on, so that a factor of 0 has its gradient too.
  public static Tensor prod(Tensor x, int axis, boolean keep) {
    int a = x.shape().axis(axis);
    Shape kept = x.shape().withDim(a, 1);
    int n = x.shape().dim(a);
    Tensor y = n == 0 ? Tensor.ones(kept).cast(x.type()) : x;
    while (n > 1) {
      int half = n / 2;
      Tensor halves = y.slice(a, 0, half).multiply(y.slice(a, half, 2 * half));
      y = n % 2 == 0 ? halves : Tensor.concat(a, List.of(halves, y.slice(a, n - 1, n)));
      n -= half;
    }
    return keep ? y : Layouts.as(y, kept.without(a));
  }

  /// The running sum along an axis; its gradient is the running sum from the end.
  public static Tensor cumulativeSum(Tensor x, int axis) {
    if (x.type() == DType.BF16) {
      return Operands.widened(x, wide -> cumulativeSum(wide, axis));
    }
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
