package dev.quintet.core.backend;

/// Softmax along rows.
public interface SoftmaxKernels {

  /// y = softmax(x) of each row. `y` may be `x`.
  void softmax(long rows, int width, long x, long y);

  /// dx = y (dy - sum(y dy)), added when `accumulate`. `dx` may be `dy`.
  void softmaxBackward(long rows, int width, long y, long dy, long dx, boolean accumulate);

  /// y = x - logsumexp(x) of each row. `y` may be `x`.
  void logSoftmax(long rows, int width, long x, long y);

  /// dx = dy - exp(y) sum(dy), added when `accumulate`. `dx` may be `dy`.
  void logSoftmaxBackward(long rows, int width, long y, long dy, long dx, boolean accumulate);
}
