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

  /// Adafactor with a factored second moment (Shazeer and Stern, arXiv 1804.04235, algorithm 4): the squares' means of
  /// rows and of columns stand for the squares of a whole matrix.
  ///
  /// @param update rates and constants
  /// @param gradientScale address of one float32 that multiplies every gradient, or 0 for none
  /// @param axes matrices, rows and columns
  /// @param parameter address of the parameter, updated
  /// @param gradient address of its gradient
  /// @param row address of the means of rows, one for each matrix and row, updated
  /// @param column address of the means of columns, one for each matrix and column, updated
  /// @param first address of the first moment, updated; or 0 for none
  void adafactor(
      Adafactor update,
      long gradientScale,
      Matrices axes,
      long parameter,
      long gradient,
      long row,
      long column,
      long first);

  /// Adafactor with the whole second moment, as for vectors.
  ///
  /// @param update rates and constants
  /// @param gradientScale address of one float32 that multiplies every gradient, or 0 for none
  /// @param parameter address of the parameter, updated
  /// @param gradient address of its gradient
  /// @param second address of the second moment, updated
  /// @param first address of the first moment, updated; or 0 for none
  /// @param count elements
  void adafactor(
      Adafactor update,
      long gradientScale,
      long parameter,
      long gradient,
      long second,
      long first,
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

  /// The axes of a factored parameter.
  ///
  /// @param matrices how many matrices lie one behind the other
  /// @param rows of each
  /// @param columns of each
  record Matrices(int matrices, int rows, int columns) {
    /// The number of elements.
    public long elements() {
      return (long) matrices * rows * columns;
    }
  }

  /// What an Adafactor update needs. With g the gradient, V the second moment and u = g / sqrt(V), the parameter p
  /// becomes keep p - a u / max(1, rms(u) / clip), where a = rate scale and the scale is 1 or the rms of p within its limits.
  ///
  /// @param rate learning rate
  /// @param beta1 decay of the first moment, which averages the steps; without one it is not read
  /// @param beta2 decay of the second moment at this step
  /// @param epsilon added to every squared gradient
  /// @param clip the largest root mean square of u that is not scaled down
  /// @param scaled whether the rate is multiplied by the root mean square of the parameter
  /// @param leastScale the least of these
  /// @param mostScale the greatest of these; infinite for no limit
  /// @param decay weight decay
  /// @param decayByRate whether keep = 1 - a decay, rather than 1 - decay
  record Adafactor(
      double rate,
      double beta1,
      double beta2,
      double epsilon,
      double clip,
      boolean scaled,
      double leastScale,
      double mostScale,
      double decay,
      boolean decayByRate) {}
}
