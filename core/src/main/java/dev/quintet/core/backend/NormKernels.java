package dev.quintet.core.backend;

/// Norms over rows of D elements.
public interface NormKernels {

  /// y = x rstd w with rstd = 1 / sqrt(mean(x²) + epsilon): T5's norm, without mean and bias.
  ///
  /// @param rows rows
  /// @param width D
  /// @param epsilon added to the mean square
  /// @param x address of `[rows, D]`
  /// @param weight address of `[D]`
  /// @param y address of `[rows, D]`
  /// @param rstd address of `[rows]`, kept for the backward
  void rmsNorm(long rows, int width, float epsilon, long x, long weight, long y, long rstd);

  /// Gradients of [#rmsNorm].
  ///
  /// @param dx address of x's gradient, or 0
  /// @param addDx whether to add to it
  /// @param dWeight address of the weight's gradient, or 0
  /// @param addDWeight whether to add to it
  void rmsNormBackward(
      long rows,
      int width,
      long x,
      long weight,
      long rstd,
      long dy,
      long dx,
      boolean addDx,
      long dWeight,
      boolean addDWeight);

  /// y = (x - mean) rstd w + b with rstd = 1 / sqrt(variance + epsilon).
  ///
  /// @param mean address of `[rows]`, kept for the backward
  /// @param rstd address of `[rows]`, kept for the backward
  void layerNorm(
      long rows,
      int width,
      float epsilon,
      long x,
      long weight,
      long bias,
      long y,
      long mean,
      long rstd);

  /// Gradients of [#layerNorm]; an address of 0 leaves one out.
  void layerNormBackward(
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
      boolean addDBias);
}
