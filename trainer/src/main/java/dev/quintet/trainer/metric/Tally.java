package dev.quintet.trainer.metric;

import java.util.List;

/// Statistics in arrays, and a function from their sums to scores.
///
/// @param width how many numbers a row has, also where there is no row
record Tally(double[][] statistics, int width, Scorer scorer, List<String> notes)
    implements Measured {

  /// From sums over rows to scores.
  interface Scorer {
    double[] scores(double[] sums, int rows);
  }

  Tally(double[][] statistics, int width, Scorer scorer) {
    this(statistics, width, scorer, List.of());
  }

  @Override
  public double[] scores(double[] sums, int rows) {
    return scorer.scores(sums, rows);
  }

  /// Means over rows; 0 of no rows.
  static double[] means(double[] sums, int rows, double scale) {
    double[] means = new double[sums.length];
    for (int i = 0; i < means.length; i++) {
      means[i] = rows == 0 ? 0 : scale * sums[i] / rows;
    }
    return means;
  }
}
