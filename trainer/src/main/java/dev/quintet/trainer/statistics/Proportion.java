package dev.quintet.trainer.statistics;

/// A share of rows, such as an accuracy, whose intervals need no resamples.
///
/// @param successes how many of the rows
/// @param trials all rows
public record Proportion(long successes, long trials) {

  /// Refuses counts that cannot be.
  public Proportion {
    if (trials < 1 || successes < 0 || successes > trials) {
      throw new IllegalArgumentException(
          "Proportion: expected 0 <= successes <= trials and at least 1 trial, got %d of %d"
              .formatted(successes, trials));
    }
  }

  /// The share.
  public double value() {
    return (double) successes / trials;
  }

  /// Wilson's interval.
  ///
  /// @throws IllegalStateException without Apache Commons Math
  public Interval wilson(double level) {
    Interval.check(level);
    double z = Distributions.normalQuantile((1 + level) / 2);
    double square = z * z / trials;
    double p = value();
    double centre = p + square / 2;
    double margin = z * Math.sqrt(p * (1 - p) / trials + square / (4 * trials));
    return new Interval(
        successes == 0 ? 0 : (centre - margin) / (1 + square),
        successes == trials ? 1 : (centre + margin) / (1 + square),
        level,
        Interval.Method.WILSON);
  }

  /// Clopper's and Pearson's interval.
  ///
  /// @throws IllegalStateException without Apache Commons Math
  public Interval clopperPearson(double level) {
    Interval.check(level);
    double tail = (1 - level) / 2;
    double failures = trials - successes;
    return new Interval(
        successes == 0 ? 0 : Distributions.betaQuantile(successes, failures + 1, tail),
        failures == 0 ? 1 : Distributions.betaQuantile(successes + 1.0, failures, 1 - tail),
        level,
        Interval.Method.CLOPPER_PEARSON);
  }
}
