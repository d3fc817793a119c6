package dev.quintet.core.backend;

/// Dropout, which stores no mask: the backward draws it again.
public interface DropoutKernels {

  /// y = mask x scale, added when `accumulate`. `y` may be `x`. The backward is the same, of gradients.
  ///
  /// @param mask which elements are dropped
  /// @param rows rows of the batch, numbered from `mask.firstRow()`
  /// @param width elements of a row (position times feature)
  void dropout(DropoutMask mask, int rows, long width, long x, long y, boolean accumulate);

  /// y = x + mask branch scale: the residual sum around a sub-layer. `y` may be `x`.
  void residual(DropoutMask mask, int rows, long width, long x, long branch, long y);
}
