package dev.quintet.trainer.schedule;

/// The learning rate of each step: a peak, a linear warm-up to it, and a way down.
///
/// With w warm-up steps and N steps in all, step t from 0: t / w while t < w. Then, as in Hugging Face's
/// `get_scheduler`: linear (N - t) / (N - w); cosine 0.5 (1 + cos(pi p)), p = (t - w) / (N - w), raised so that it ends
/// at `floor`; inverse square root 1 / sqrt((t + s - w) / s) with s = w, or 10,000 without warm-up;
/// constant 1.
///
/// @param shape the way down
/// @param peak the highest rate
/// @param warmup steps of warm-up
/// @param floor the share of the peak at which a cosine ends, from 0 to 1
public record LearningRate(Shape shape, double peak, long warmup, double floor) {

  /// The ways down.
  public enum Shape {
    /// Stays at the peak.
    CONSTANT,
    /// Falls on a line to 0.
    LINEAR,
    /// Falls on half a cosine.
    COSINE,
    /// Falls with the inverse square root of the step.
    INVERSE_SQRT
  }

  /// Checks the values.
  ///
  /// @throws IllegalArgumentException if the peak is not a finite positive number, the warm-up
  ///     negative or the floor not from 0 to 1
  public LearningRate {
    if (!(peak >= 0 && peak < Double.POSITIVE_INFINITY)
        || warmup < 0
        || !(floor >= 0 && floor <= 1)) {
      throw new IllegalArgumentException(
          "a learning rate has a peak of at least 0, a warm-up of at least 0 steps and a floor from 0 to 1: "
              + peak
              + ", "
              + warmup
              + ", "
              + floor);
    }
  }

  /// A constant rate.
  public static LearningRate constant(double rate) {
    return new LearningRate(Shape.CONSTANT, rate, 0, 0);
  }

  /// The rate of a step.
  ///
  /// @param step from 0
  /// @param steps N, steps in all
  public double at(long step, long steps) {
    return peak * factor(step, steps);
  }

  private double factor(long t, long n) {
    if (t < warmup) {
      return (double) t / warmup;
    }
    double left = Math.max(1, n - warmup);
    return switch (shape) {
      case CONSTANT -> 1;
      case LINEAR -> Math.max(0, (n - t) / left);
      case COSINE ->
          floor
              + (1 - floor)
                  * 0.5
                  * (1 + StrictMath.cos(Math.PI * Math.min(1, (t - warmup) / left)));
      case INVERSE_SQRT -> {
        double scale = warmup > 0 ? warmup : 10_000;
        yield 1 / Math.sqrt((t + scale - warmup) / scale);
      }
    };
  }
}
