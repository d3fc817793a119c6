package dev.quintet.core.backend;

/// Sizes and types of a norm.
///
/// @param rows rows
/// @param width D
/// @param epsilon added to the mean of squares
/// @param types of x, of weight and bias, and of y; mean, rstd and the gradients of weight and bias are float32
public record NormCall(long rows, int width, float epsilon, Types types) {
  /// Elements of all rows.
  public long elements() {
    return rows * width;
  }
}
