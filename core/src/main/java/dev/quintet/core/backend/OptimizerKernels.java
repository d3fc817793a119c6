package dev.quintet.core.backend;

/// Norms of gradients and updates of parameters, each one command for all parameters of a table.
///
/// What changes from step to step is read from a [RunState], and what came of a step is written there: nobody is asked
/// for an answer on the way. A step whose loss or norm is not finite changes nothing.
public interface OptimizerKernels {

  /// The outcome's loss = a batch's loss, or += it, in float64.
  ///
  /// @param loss address of one float32
  /// @param add whether to add
  void addLoss(long loss, boolean add, RunState state);

  /// The outcome's sum = the sum of squares of all gradients, in float64.
  void sumOfSquares(Spans spans, RunState state);

  /// From the outcome's sum and loss its norm and scale, as [RunState.Outcome#clipped] says, and whether the step is skipped.
  ///
  /// @param maximum the norm to clip to; infinite leaves the scale at 1
  void clip(float maximum, RunState state);

  /// Decoupled AdamW (Loshchilov and Hutter, arXiv 1711.05101), in PyTorch's order: the parameter is first
  /// multiplied by 1 - rate decay; epsilon is added outside the root. Nothing changes where the state says that the step is skipped.
  void adamW(AdamW constants, RunState state, Spans spans);

  /// Adafactor (Shazeer and Stern, arXiv 1804.04235): with means of rows and of columns for the squares of a whole matrix
  /// (its algorithm 4) where a span has columns, and with the whole second moment elsewhere. Nothing changes where the
  /// state says that the step is skipped.
  void adafactor(Adafactor constants, RunState state, Spans spans);

  /// AdamW's constants.
  ///
  /// @param beta1 decay of the first moment
  /// @param beta2 decay of the second moment
  /// @param epsilon added to the root of the second moment
  record AdamW(float beta1, float beta2, float epsilon) {}

  /// Adafactor's constants. With g the gradient, V the second moment and u = g / sqrt(V), the parameter p
  /// becomes keep p - a u / max(1, rms(u) / clip), where a = rate scale and the scale is 1 or the rms of p within its limits.
  ///
  /// @param scale whether the rate is multiplied by the root mean square of the parameter, and within which limits
  /// @param own the rate's own factor
  /// @param beta1 decay of the first moment, which averages the steps; without one it is not read
  /// @param decayRate exponent c: the second moment decays by 1 - t^c
  /// @param epsilon added to every squared gradient
  /// @param clip the largest root mean square of u that is not scaled down
  /// @param decayByRate whether keep = 1 - a decay, rather than 1 - decay
  record Adafactor(
      Scale scale,
      OwnRate own,
      double beta1,
      double decayRate,
      double epsilon,
      double clip,
      boolean decayByRate) {

    /// The rate of a parameter's step by its own count, before the scale.
    public double rate(Step step) {
      return step.rate() * own.at(step.count());
    }

    /// The decay of the second moment at a parameter's own count.
    public double beta2(int count) {
      return 1 - StrictMath.pow(count, decayRate);
    }
  }

  /// How Adafactor's rate follows the size of a parameter.
  ///
  /// @param on whether it does
  /// @param least the least root mean square that counts
  /// @param most the greatest one; infinite for no limit
  record Scale(boolean on, double least, double most) {}

  /// The rates that Adafactor has of its own.
  enum OwnRate {
    /// None: 1.
    GIVEN,
    /// At step t the lesser of 0.01 and 1 / sqrt(t).
    RELATIVE,
    /// At step t the lesser of t / 10^6 and 1 / sqrt(t).
    WARMING_UP;

    double at(int t) {
      return switch (this) {
        case GIVEN -> 1;
        case RELATIVE -> Math.min(1e-2, 1 / Math.sqrt(t));
        case WARMING_UP -> Math.min(1e-6 * t, 1 / Math.sqrt(t));
      };
    }
  }

  /// One parameter's update.
  ///
  /// @param rate the learning rate
  /// @param decay weight decay
  /// @param scale what gradients are multiplied by
  /// @param count number of this update of the parameter, from 1
  record Step(double rate, double decay, float scale, int count) {}

  /// The axes of a parameter.
  ///
  /// @param matrices how many matrices lie one behind the other
  /// @param rows of each
  /// @param columns of each
  record Matrices(long matrices, int rows, int columns) {
    /// A parameter that is taken element by element.
    public static Matrices whole(long elements) {
      return new Matrices(elements, 1, 1);
    }

    /// The number of elements.
    public long elements() {
      return matrices * rows * columns;
    }
  }
}
