package dev.quintet.core.backend;

import dev.quintet.core.backend.ElementwiseKernels.Binary;
import dev.quintet.core.backend.ElementwiseKernels.Comparison;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.LayoutKernels.Gather;
import dev.quintet.core.shape.Shape;

/// Cross entropy, composed of sums, element by element functions and gathers of the same backend.
public interface ComposedLoss extends LossKernels {

  @Override
  default void crossEntropy(LossCall call, long logits, long labels, long losses, long logSumExp) {
    ElementwiseKernels elementwise = backend().elementwise();
    long rows = call.rows();
    Broadcast straight = Borrowed.straight(rows);
    try (var borrowed = new Borrowed(backend());
        var widened = new Widened(backend())) {
      long wide = widened.read(call.types().out(), logits, call.logits());
      borrowed.logSumExp(rows, call.width(), wide, logSumExp);
      long ignored = ignored(borrowed, call, labels);
      long index = index(borrowed, rows, ignored, labels);
      long chosen = borrowed.floats(rows);
      long loss = borrowed.floats(rows);
      backend().layout().gather(oneOf(call), wide, index, chosen);
      elementwise.binary(Binary.SUBTRACT, straight, logSumExp, chosen, loss);
      if (call.smoothing() != 0) {
        long means = borrowed.floats(rows);
        borrowed.means(rows, call.width(), wide, means);
        elementwise.binary(Binary.SUBTRACT, straight, logSumExp, means, means);
        elementwise.unary(Unary.MULTIPLY_SCALAR, 1 - call.smoothing(), loss, loss, rows);
        elementwise.addScaled(call.smoothing(), means, loss, rows);
      }
      if (call.zLoss() != 0) {
        long squares = borrowed.floats(rows);
        elementwise.unary(Unary.SQUARE, 0, logSumExp, squares, rows);
        elementwise.addScaled(call.zLoss(), squares, loss, rows);
      }
      elementwise.select(ignored, borrowed.filled(0, rows), loss, losses, rows);
    }
  }

  @Override
  default void crossEntropyBackward(
      LossCall call, long logits, long labels, long logSumExp, long dLoss, Gradient dLogits) {
    ElementwiseKernels elementwise = backend().elementwise();
    long rows = call.rows();
    long count = call.logits();
    Broadcast perRow = Borrowed.perRow(rows, call.width());
    try (var borrowed = new Borrowed(backend());
        var widened = new Widened(backend())) {
      long wide = widened.read(call.types().out(), logits, count);
      Gradient sink = widened.write(call.types().out(), dLogits, count);
      long ignored = ignored(borrowed, call, labels);
      long index = index(borrowed, rows, ignored, labels);
      long gradient = borrowed.floats(count);
      elementwise.binary(Binary.SUBTRACT, perRow, wide, logSumExp, gradient);
      elementwise.unary(Unary.EXP, 0, gradient, gradient, count);
      if (call.zLoss() != 0) {
        long factors = borrowed.filled(1, rows);
        elementwise.addScaled(2 * call.zLoss(), logSumExp, factors, rows);
        elementwise.binary(Binary.MULTIPLY, perRow, gradient, factors, gradient);
      }
      backend()
          .layout()
          .scatterAdd(oneOf(call), borrowed.filled(call.smoothing() - 1, rows), index, gradient);
      float even = -call.smoothing() / call.width();
      elementwise.unary(Unary.ADD_SCALAR, even, gradient, gradient, count);
      long factor = borrowed.filled(1, 1);
      scaled(call, factor);
      if (dLoss != 0) {
        elementwise.binary(Binary.MULTIPLY, Borrowed.straight(1), factor, dLoss, factor);
      }
      long each = borrowed.floats(rows);
      elementwise.select(ignored, borrowed.filled(0, rows), borrowed.filled(1, rows), each, rows);
      elementwise.binary(
          Binary.MULTIPLY, Broadcast.of(Shape.of(rows), Shape.of(1)), each, factor, each);
      elementwise.binary(
          Binary.MULTIPLY, perRow, gradient, each, sink.add() ? gradient : sink.address());
      if (sink.add()) {
        elementwise.addScaled(1, gradient, sink.address(), count);
      }
    }
  }

  /// One element of each row.
  private static Gather oneOf(LossCall call) {
    return new Gather(call.rows(), call.width(), 1, 1, false, false);
  }

  /// Bytes of 1 where the label is ignored.
  private long ignored(Borrowed borrowed, LossCall call, long labels) {
    long ignored = borrowed.bytes(call.rows());
    Broadcast one = Broadcast.of(Shape.of(call.rows()), Shape.of(1));
    backend()
        .elementwise()
        .compare(Comparison.EQUAL, true, one, labels, borrowed.ints(call.ignore()), ignored);
    return ignored;
  }

  /// The labels, with 0 in place of those that are ignored.
  private long index(Borrowed borrowed, long rows, long ignored, long labels) {
    long index = borrowed.floats(rows);
    backend().elementwise().select(ignored, borrowed.filled(0, rows), labels, index, rows);
    return index;
  }
}
