package dev.quintet.benchmarks.run;

import dev.quintet.trainer.statistics.Quantiles;
import java.util.List;

/// A median with the smallest and the largest that it was taken from.
///
/// @param median the middle one, or the mean of the middle two
/// @param low the smallest
/// @param high the largest
/// @param count of how many
record Spread(double median, double low, double high, int count) {
  static Spread of(List<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("a median: expected at least one value, got none");
    }
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    double median = Quantiles.of(sorted, 0.5);
    return new Spread(median, sorted[0], sorted[sorted.length - 1], sorted.length);
  }

  /// How far the values lie apart, as a share of the median.
  double width() {
    return median == 0 ? 0 : (high - low) / median;
  }
}
