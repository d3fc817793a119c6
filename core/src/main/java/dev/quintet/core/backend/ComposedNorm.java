package dev.quintet.core.backend;

import dev.quintet.core.backend.ElementwiseKernels.Binary;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.ReductionKernels.Reduction;

/// Norms, composed of sums and element by element functions of the same backend.
public interface ComposedNorm extends NormKernels {

  /// The backend whose kernels these are composed of.
  Backend backend();

  @Override
  default void rmsNorm(
      long rows, int width, float epsilon, long x, long weight, long y, long rstd) {
    ElementwiseKernels elementwise = backend().elementwise();
    rstd(rows, width, epsilon, x, rstd);
    elementwise.binary(Binary.MULTIPLY, Borrowed.perRow(rows, width), x, rstd, y);
    elementwise.binary(Binary.MULTIPLY, Borrowed.perColumn(rows, width), y, weight, y);
  }

  @Override
  default void rmsNormBackward(
      long rows,
      int width,
      long x,
      long weight,
      long rstd,
      long dy,
      long dx,
      boolean addDx,
      long dWeight,
      boolean addDWeight) {
    try (Borrowed borrowed = new Borrowed(backend())) {
      long normed = borrowed.floats(rows * width);
      backend()
          .elementwise()
          .binary(Binary.MULTIPLY, Borrowed.perRow(rows, width), x, rstd, normed);
      weightGradient(rows, width, normed, dy, dWeight, addDWeight);
      gradient(rows, width, false, normed, weight, rstd, dy, dx, addDx);
    }
  }

  @Override
  default void layerNorm(
      long rows,
      int width,
      float epsilon,
      long x,
      long weight,
      long bias,
      long y,
      long mean,
      long rstd) {
    ElementwiseKernels elementwise = backend().elementwise();
    try (Borrowed borrowed = new Borrowed(backend())) {
      borrowed.means(rows, width, x, mean);
    }
    elementwise.binary(Binary.SUBTRACT, Borrowed.perRow(rows, width), x, mean, y);
    rstd(rows, width, epsilon, y, rstd);
    elementwise.binary(Binary.MULTIPLY, Borrowed.perRow(rows, width), y, rstd, y);
    elementwise.binary(Binary.MULTIPLY, Borrowed.perColumn(rows, width), y, weight, y);
    elementwise.binary(Binary.ADD, Borrowed.perColumn(rows, width), y, bias, y);
  }

  @Override
  default void layerNormBackward(
      long rows,
      int width,
      long x,
      long weight,
      long mean,
      long rstd,
      long dy,
      long dx,
      boolean addDx,
      long dWeight,
      boolean addDWeight,
      long dBias,
      boolean addDBias) {
    ElementwiseKernels elementwise = backend().elementwise();
    Broadcast perRow = Borrowed.perRow(rows, width);
    try (Borrowed borrowed = new Borrowed(backend())) {
      long normed = borrowed.floats(rows * width);
      elementwise.binary(Binary.SUBTRACT, perRow, x, mean, normed);
      elementwise.binary(Binary.MULTIPLY, perRow, normed, rstd, normed);
      weightGradient(rows, width, normed, dy, dWeight, addDWeight);
      columnSums(rows, width, dy, dBias, addDBias);
      gradient(rows, width, true, normed, weight, rstd, dy, dx, addDx);
    }
  }

  /// rstd = 1 / sqrt(mean(x²) + epsilon).
  private void rstd(long rows, int width, float epsilon, long x, long rstd) {
    ElementwiseKernels elementwise = backend().elementwise();
    try (Borrowed borrowed = new Borrowed(backend())) {
      long squares = borrowed.floats(rows * width);
      elementwise.unary(Unary.SQUARE, 0, x, squares, rows * width);
      borrowed.means(rows, width, squares, rstd);
      elementwise.unary(Unary.ADD_SCALAR, epsilon, rstd, rstd, rows);
      elementwise.unary(Unary.RSQRT, 0, rstd, rstd, rows);
    }
  }

  /// With n the normed rows and g = dy w: dx = rstd (g - n mean(g n)), and less rstd mean(g) where
  /// the norm is centred.
  private void gradient(
      long rows,
      int width,
      boolean centred,
      long normed,
      long weight,
      long rstd,
      long dy,
      long dx,
      boolean accumulate) {
    if (dx == 0) {
      return;
    }
    ElementwiseKernels elementwise = backend().elementwise();
    Broadcast perRow = Borrowed.perRow(rows, width);
    Broadcast straight = Borrowed.straight(rows * width);
    try (Borrowed borrowed = new Borrowed(backend())) {
      long g = borrowed.floats(rows * width);
      long product = borrowed.floats(rows * width);
      long means = borrowed.floats(rows);
      elementwise.binary(Binary.MULTIPLY, Borrowed.perColumn(rows, width), dy, weight, g);
      elementwise.binary(Binary.MULTIPLY, straight, g, normed, product);
      if (centred) {
        borrowed.means(rows, width, g, means);
        elementwise.binary(Binary.SUBTRACT, perRow, g, means, g);
      }
      borrowed.means(rows, width, product, means);
      elementwise.binary(Binary.MULTIPLY, perRow, normed, means, product);
      elementwise.binary(Binary.SUBTRACT, straight, g, product, g);
      elementwise.binary(Binary.MULTIPLY, perRow, g, rstd, accumulate ? g : dx);
      if (accumulate) {
        elementwise.addScaled(1, g, dx, rows * width);
      }
    }
  }

  private void weightGradient(
      long rows, int width, long normed, long dy, long dWeight, boolean accumulate) {
    if (dWeight == 0) {
      return;
    }
    try (Borrowed borrowed = new Borrowed(backend())) {
      long product = borrowed.floats(rows * width);
      Broadcast straight = Borrowed.straight(rows * width);
      backend().elementwise().binary(Binary.MULTIPLY, straight, dy, normed, product);
      columnSums(rows, width, product, dWeight, accumulate);
    }
  }

  private void columnSums(long rows, int width, long x, long sums, boolean accumulate) {
    if (sums == 0) {
      return;
    }
    try (Borrowed borrowed = new Borrowed(backend())) {
      long result = accumulate ? borrowed.floats(width) : sums;
      backend().reduction().reduce(Reduction.SUM, 1, Math.toIntExact(rows), width, x, result);
      if (accumulate) {
        backend().elementwise().addScaled(1, result, sums, width);
      }
    }
  }
}
