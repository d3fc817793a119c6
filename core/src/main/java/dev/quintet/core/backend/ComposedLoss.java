package dev.quintet.core.backend;

import dev.quintet.core.backend.ElementwiseKernels.Binary;
import dev.quintet.core.backend.ElementwiseKernels.Comparison;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.LayoutKernels.Gather;
import dev.quintet.core.shape.Shape;

/// Cross entropy, composed of sums, element by element functions and gathers of the same backend.
public interface ComposedLoss extends LossKernels {

  /// The backend whose kernels these are composed of.
  Backend backend();

  @Override
  default void crossEntropy(
      long rows,
      int width,
      int ignore,
      float smoothing,
      long logits,
      long labels,
      long losses,
      long logSumExp) {
    ElementwiseKernels elementwise = backend().elementwise();
    try (Borrowed borrowed = new Borrowed(backend())) {
      borrowed.logSumExp(rows, width, logits, logSumExp);
      long ignored = ignored(borrowed, rows, ignore, labels);
      long index = index(borrowed, rows, ignored, labels);
      long chosen = borrowed.floats(rows);
      long loss = borrowed.floats(rows);
      Broadcast straight = Borrowed.straight(rows);
      backend().layout().gather(oneOf(rows, width), logits, index, chosen);
      elementwise.binary(Binary.SUBTRACT, straight, logSumExp, chosen, loss);
      if (smoothing != 0) {
        long means = borrowed.floats(rows);
        borrowed.means(rows, width, logits, means);
        elementwise.binary(Binary.SUBTRACT, straight, logSumExp, means, means);
        elementwise.unary(Unary.MULTIPLY_SCALAR, 1 - smoothing, loss, loss, rows);
        elementwise.addScaled(smoothing, means, loss, rows);
      }
      elementwise.select(ignored, borrowed.filled(0, rows), loss, losses, rows);
    }
  }

  @Override
  default void crossEntropyBackward(
      long rows,
      int width,
      int ignore,
      float smoothing,
      long logits,
      long labels,
      long logSumExp,
      long dLosses,
      long dLogits,
      boolean accumulate) {
    ElementwiseKernels elementwise = backend().elementwise();
    Broadcast perRow = Borrowed.perRow(rows, width);
    long count = rows * width;
    try (Borrowed borrowed = new Borrowed(backend())) {
      long ignored = ignored(borrowed, rows, ignore, labels);
      long index = index(borrowed, rows, ignored, labels);
      long gradient = borrowed.floats(count);
      long factors = borrowed.floats(rows);
      elementwise.binary(Binary.SUBTRACT, perRow, logits, logSumExp, gradient);
      elementwise.unary(Unary.EXP, 0, gradient, gradient, count);
      backend()
          .layout()
          .scatterAdd(oneOf(rows, width), borrowed.filled(smoothing - 1, rows), index, gradient);
      elementwise.unary(Unary.ADD_SCALAR, -smoothing / width, gradient, gradient, count);
      elementwise.select(ignored, borrowed.filled(0, rows), dLosses, factors, rows);
      elementwise.binary(
          Binary.MULTIPLY, perRow, gradient, factors, accumulate ? gradient : dLogits);
      if (accumulate) {
        elementwise.addScaled(1, gradient, dLogits, count);
      }
    }
  }

  /// One element of each row.
  private static Gather oneOf(long rows, int width) {
    return new Gather(rows, width, 1, 1, false, false);
  }

  /// Bytes of 1 where the label is ignored.
  private long ignored(Borrowed borrowed, long rows, int ignore, long labels) {
    long ignored = borrowed.bytes(rows);
    Broadcast one = Broadcast.of(Shape.of(rows), Shape.of(1));
    backend()
        .elementwise()
        .compare(Comparison.EQUAL, true, one, labels, borrowed.ints(ignore), ignored);
    return ignored;
  }

  /// The labels, with 0 in place of those that are ignored.
  private long index(Borrowed borrowed, long rows, long ignored, long labels) {
    long index = borrowed.floats(rows);
    backend().elementwise().select(ignored, borrowed.filled(0, rows), labels, index, rows);
    return index;
  }
}
