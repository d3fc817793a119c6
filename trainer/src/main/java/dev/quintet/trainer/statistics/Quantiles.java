package dev.quintet.trainer.statistics;

/// Quantiles of numbers.
public final class Quantiles {
  private Quantiles() {}

  /// Between the two nearest numbers, as numpy does it by default; NaN where there are none.
  ///
  /// @param sorted from the least to the greatest, without NaN
  /// @param probability from 0 to 1
  public static double of(double[] sorted, double probability) {
    if (sorted.length == 0) {
      return Double.NaN;
    }
    double place = probability * (sorted.length - 1);
    int below = (int) Math.floor(place);
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
  }
}
