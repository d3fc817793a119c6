package dev.quintet.core.backend;

import dev.quintet.core.backend.ElementwiseKernels.Binary;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.ReductionKernels.Reduction;

/// Norms, composed of sums and element by element functions of the same backend.
public interface ComposedNorm extends NormKernels {

  @Override
  default void norm(NormCall call, NormRows rows, long y) {
    ElementwiseKernels elementwise = backend().elementwise();
    Broadcast perRow = Borrowed.perRow(call.rows(), call.width());
    Broadcast perColumn = Borrowed.perColumn(call.rows(), call.width());
    long count = call.elements();
    try (var borrowed = new Borrowed(backend());
        var widened = new Widened(backend())) {
      NormRows wide = rows.widened(call, widened);
      long out = widened.write(call.types().out(), y, count);
      long x = wide.x();
      if (rows.centred()) {
        borrowed.means(call.rows(), call.width(), x, rows.mean());
        elementwise.binary(Binary.SUBTRACT, perRow, x, rows.mean(), out);
        x = out;
      }
      long squares = borrowed.floats(count);
      elementwise.unary(Unary.SQUARE, 0, x, squares, count);
      borrowed.means(call.rows(), call.width(), squares, rows.rstd());
      elementwise.unary(Unary.ADD_SCALAR, call.epsilon(), rows.rstd(), rows.rstd(), call.rows());
      elementwise.unary(Unary.RSQRT, 0, rows.rstd(), rows.rstd(), call.rows());
      elementwise.binary(Binary.MULTIPLY, perRow, x, rows.rstd(), out);
      elementwise.binary(Binary.MULTIPLY, perColumn, out, wide.weight(), out);
      if (rows.centred()) {
        elementwise.binary(Binary.ADD, perColumn, out, wide.bias(), out);
      }
    }
  }

  /// With n the normed rows and g = dy w: dx = rstd (g - n mean(g n)), and less rstd mean(g) where the norm is centred.
  @Override
  default void normBackward(
      NormCall call, NormRows rows, long dy, Gradient dx, Gradient dWeight, Gradient dBias) {
    ElementwiseKernels elementwise = backend().elementwise();
    Broadcast perRow = Borrowed.perRow(call.rows(), call.width());
    long count = call.elements();
    Broadcast straight = Borrowed.straight(count);
    try (var borrowed = new Borrowed(backend());
        var widened = new Widened(backend())) {
      NormRows wide = rows.widened(call, widened);
      long g = widened.read(call.types().out(), dy, count);
      Gradient sink = widened.write(call.types().in(), dx, count);
      long normed = borrowed.floats(count);
      long product = borrowed.floats(count);
      long x = wide.x();
      if (rows.centred()) {
        elementwise.binary(Binary.SUBTRACT, perRow, x, rows.mean(), normed);
        x = normed;
      }
      elementwise.binary(Binary.MULTIPLY, perRow, x, rows.rstd(), normed);
      if (dWeight.wanted()) {
        elementwise.binary(Binary.MULTIPLY, straight, g, normed, product);
        columnSums(call, product, dWeight);
      }
      columnSums(call, g, dBias);
      if (sink.wanted()) {
        long means = borrowed.floats(call.rows());
        long weighted = borrowed.floats(count);
        elementwise.binary(
            Binary.MULTIPLY,
            Borrowed.perColumn(call.rows(), call.width()),
            g,
            wide.weight(),
            weighted);
        elementwise.binary(Binary.MULTIPLY, straight, weighted, normed, product);
        if (rows.centred()) {
          borrowed.means(call.rows(), call.width(), weighted, means);
          elementwise.binary(Binary.SUBTRACT, perRow, weighted, means, weighted);
        }
        borrowed.means(call.rows(), call.width(), product, means);
        elementwise.binary(Binary.MULTIPLY, perRow, normed, means, product);
        elementwise.binary(Binary.SUBTRACT, straight, weighted, product, weighted);
        long result = sink.add() ? weighted : sink.address();
        elementwise.binary(Binary.MULTIPLY, perRow, weighted, rows.rstd(), result);
        if (sink.add()) {
          elementwise.addScaled(1, weighted, sink.address(), count);
        }
      }
    }
  }

  private void columnSums(NormCall call, long x, Gradient sums) {
    if (!sums.wanted()) {
      return;
    }
    int width = call.width();
    try (Borrowed borrowed = new Borrowed(backend())) {
      long result = sums.add() ? borrowed.floats(width) : sums.address();
      int rows = Math.toIntExact(call.rows());
      backend().reduction().reduce(Reduction.SUM, 1, rows, width, x, result);
      if (sums.add()) {
        backend().elementwise().addScaled(1, result, sums.address(), width);
      }
    }
  }
}
