package dev.quintet.trainer.statistics;

/// Where a score would lie on other rows of the same kind.
///
/// @param low its lower end
/// @param high its upper end
/// @param level how often such intervals hold the true score, such as 0.95
/// @param method how it came about, which need not be the one asked for
public record Interval(double low, double high, double level, Method method) {

  /// How an interval comes about.
  public enum Method {
    /// Quantiles of the resampled scores.
    PERCENTILE,
    /// Those quantiles mirrored at the score.
    BASIC,
    /// Quantiles moved by the bias and the skewness of the score (Efron 1987).
    BCA,
    /// Of a share, by the normal distribution of its test (Wilson 1927).
    WILSON,
    /// Of a share, by the binomial distribution: never too narrow (Clopper and Pearson 1934).
    CLOPPER_PEARSON
  }

  /// Refuses a level that is no probability.
  public Interval {
    check(level);
  }

  static void check(double level) {
    if (!(level > 0 && level < 1)) {
      throw new IllegalArgumentException(
          "the level of an interval is between 0 and 1, such as 0.95, got " + level);
    }
  }
}
