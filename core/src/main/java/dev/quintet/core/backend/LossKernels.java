package dev.quintet.core.backend;

import dev.quintet.core.backend.ElementwiseKernels.Binary;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.ReductionKernels.Reduction;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;

/// Cross entropy of logits with labels; see [LossCall] for what it is.
public interface LossKernels {
  /// The backend of the kernels that the default methods are composed of.
  Backend backend();

  /// The loss of each row.
  ///
  /// @param logits address of `[rows, V]`
  /// @param labels address of int32 `[rows]`
  /// @param losses address of `[rows]`
  /// @param logSumExp address of `[rows]`, kept for the backward
  /// @throws IndexOutOfBoundsException if a label is neither below V nor ignored; on a device that cannot throw, the next
  ///     read or synchronisation does
  void crossEntropy(LossCall call, long logits, long labels, long losses, long logSumExp);

  /// dLogits = dLoss scale ((1 + 2 zLoss log Z) softmax - target), 0 where the label is ignored. `dLogits` may be `logits`
  /// when not adding.
  ///
  /// @param dLoss address of the gradient of the scaled sum of losses; 0 for a gradient of 1
  void crossEntropyBackward(
      LossCall call, long logits, long labels, long logSumExp, long dLoss, Gradient dLogits);

  /// [#crossEntropy], and in place of the logits the gradient of the scaled sum of losses.
  default void crossEntropyInPlace(
      LossCall call, long logits, long labels, long losses, long logSumExp) {
    crossEntropy(call, logits, labels, losses, logSumExp);
    crossEntropyBackward(call, logits, labels, logSumExp, 0, new Gradient(logits, false));
  }

  /// loss = the sum of the rows' losses, scaled.
  ///
  /// @param loss address of one element
  default void total(LossCall call, long losses, long loss) {
    backend().reduction().reduce(Reduction.SUM, 1, Math.toIntExact(call.rows()), 1, losses, loss);
    scaled(call, loss);
  }

  /// Multiplies one float32 by the call's scale, without asking the device for it.
  default void scaled(LossCall call, long x) {
    ElementwiseKernels elementwise = backend().elementwise();
    if (call.state() == 0) {
      elementwise.unary(Unary.MULTIPLY_SCALAR, call.scale(), x, x, 1);
    } else {
      long scale = call.state() + RunState.LOSS_SCALE;
      elementwise.binary(Binary.MULTIPLY, Borrowed.straight(1), x, scale, x);
    }
  }

  /// x *= factor, and nothing where that is 1.
  ///
  /// @param factor address of one float32
  default void scale(long factor, DType type, long x, long count) {
    try (var widened = new Widened(backend())) {
      long wide = widened.write(type, new Gradient(x, true), count).address();
      Broadcast all = Broadcast.of(Shape.of(count), Shape.of(1));
      backend().elementwise().binary(Binary.MULTIPLY, all, wide, factor, wide);
    }
  }

  /// The losses of logits x Wᵀ, and the gradients of their scaled sum, by chunks of rows: the logits of all rows are never
  /// held.
  ///
  /// @param labels address of int32 `[rows]`
  /// @param losses address of `[rows]`
  /// @param dx of `[rows, D]`
  /// @param dWeight of float32 `[V, D]`
  default void linearCrossEntropy(
      LossCall call, Head head, long labels, long losses, Gradient dx, Gradient dWeight) {
    Types types = call.types();
    MatmulKernels matmul = backend().matmul();
    int width = call.width();
    int inner = head.inner();
    long chunks = head.chunks(call.rows());
    int each = head.each(call.rows());
    try (var borrowed = new Borrowed(backend())) {
      long logits = borrowed.bytes(types.out().bytes((long) each * width));
      long logSumExp = borrowed.floats(each);
      for (long chunk = 0; chunk < chunks; chunk++) {
        long first = chunk * each;
        int rows = (int) Math.min(each, call.rows() - first);
        LossCall some = call.withRows(rows);
        long in = types.in().bytes(first * inner);
        long x = head.x() + in;
        matmul.multiply(Product.nt(rows, width, inner).withTypes(types), x, head.weight(), logits);
        if (dx.wanted() || dWeight.wanted()) {
          crossEntropyInPlace(some, logits, labels + 4 * first, losses + 4 * first, logSumExp);
        } else {
          crossEntropy(some, logits, labels + 4 * first, losses + 4 * first, logSumExp);
        }
        if (dx.wanted()) {
          matmul.multiply(
              Product.nn(rows, inner, width)
                  .withAccumulate(dx.add())
                  .withTypes(new Types(types.out(), types.weight(), types.in())),
              logits,
              head.weight(),
              dx.address() + in);
        }
        if (dWeight.wanted()) {
          matmul.multiply(
              Product.tn(width, inner, rows)
                  .withAccumulate(dWeight.add() || first > 0)
                  .withTypes(new Types(types.out(), types.in(), DType.F32)),
              logits,
              x,
              dWeight.address());
        }
      }
    }
  }

  /// What logits are made of.
  ///
  /// @param inner D
  /// @param chunk the most rows whose logits are held at once
  /// @param x address of `[rows, D]`
  /// @param weight address of `[V, D]`
  record Head(int inner, int chunk, long x, long weight) {
    /// How many chunks so many rows take; at least one.
    public long chunks(long rows) {
      return Math.max(1, (rows + chunk - 1) / chunk);
    }

    /// The rows of each of these chunks but the last, which has what is left: as even as can be.
    public int each(long rows) {
      long chunks = chunks(rows);
      return (int) ((rows + chunks - 1) / chunks);
    }
  }
}
