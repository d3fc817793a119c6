package dev.quintet.core.backend;

/// Norms over rows of D elements.
public interface NormKernels {
  /// The backend of the kernels that the default methods are composed of.
  Backend backend();

  /// y = (x - mean) rstd w + b with rstd = 1 / sqrt(mean((x - mean)²) + epsilon): layer norm; and RMS norm, T5's, where mean
  /// and bias are 0.
  ///
  /// @param y address of `[rows, D]`
  void norm(NormCall call, NormRows rows, long y);

  /// Gradients of [#norm].
  void normBackward(
      NormCall call, NormRows rows, long dy, Gradient dx, Gradient dWeight, Gradient dBias);

  /// The residual sum around a sub-layer, written to `rows.x()`, and its norm, with which the next one begins.
  ///
  /// @param dropout of the branch
  /// @param x address of what the branch is added to, of the sum's type
  default void residualNorm(
      NormCall call, DropoutCall dropout, long x, long branch, NormRows rows, long y) {
    backend().dropout().residual(dropout, x, branch, rows.x());
    norm(call, rows, y);
  }

  /// Gradients of [#residualNorm].
  ///
  /// @param dSum of the sum, and so of x
  /// @param dBranch of the branch: the whole dSum, dropped from
  default void residualNormBackward(
      NormCall call,
      DropoutCall dropout,
      NormRows rows,
      long dy,
      Gradient dSum,
      Gradient dBranch,
      Gradient dWeight) {
    normBackward(call, rows, dy, dSum, dWeight, Gradient.NONE);
    if (dBranch.wanted()) {
      backend().dropout().dropout(dropout.back(), dSum.address(), dBranch);
    }
  }
}
