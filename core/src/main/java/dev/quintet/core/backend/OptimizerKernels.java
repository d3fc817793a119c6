package dev.quintet.core.backend;

/// Optimizer updates and the norms that clip gradients.
public interface OptimizerKernels {

  /// Decoupled AdamW (Loshchilov and Hutter, arXiv 1711.05101), in PyTorch's order: the parameter is first
  /// multiplied by 1 - rate decay; epsilon is added outside the root.
  ///
  /// @param update rates and the step number
  /// @param gradientScale address of one float32 that multiplies every gradient, or 0 for none
  /// @param parameter address of the parameter, updated
  /// @param gradient address of its gradient
  /// @param first address of the first moment, updated
  /// @param second address of the second moment, updated
  /// @param count elements
  void adamW(
      AdamW update,
      long gradientScale,
      long parameter,
      long gradient,
      long first,
      long second,
      long count);

  /// sum = the sum of squares of x in float64, or sum += it.
  ///
  /// @param x address of the elements
  /// @param count elements
  /// @param sum address of one float64
  /// @param accumulate whether to add
  void sumOfSquares(long x, long count, long sum, boolean accumulate);

  /// norm = sqrt(sum), and scale = min(1, maximum / (norm + 1e-6)) as PyTorch clips; a scale that is not finite
  /// stays so, for the caller to see.
  ///
  /// @param maximum the norm to clip to; infinite leaves the scale at 1
  /// @param sum address of one float64
  /// @param norm address of one float32
  /// @param scale address of one float32
  void clip(float maximum, long sum, long norm, long scale);

  /// What an AdamW update needs.
  ///
  /// @param rate learning rate
  /// @param beta1 decay of the first moment
  /// @param beta2 decay of the second moment
  /// @param epsilon added to the root of the second moment
  /// @param decay weight decay
  /// @param step number of this update of the parameter, from 1
  record AdamW(float rate, float beta1, float beta2, float epsilon, float decay, int step) {}
}
