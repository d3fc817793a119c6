package dev.quintet.core.backend;

/// The residual sum, composed of a copy and a dropout of the same backend.
public interface ComposedDropout extends DropoutKernels {

  /// The backend whose kernels these are composed of.
  Backend backend();

  @Override
  default void residual(DropoutMask mask, int rows, long width, long x, long branch, long y) {
    if (y != x) {
      backend().memory().copy(x, y, 4 * rows * width);
    }
    dropout(mask, rows, width, branch, y, true);
  }
}
