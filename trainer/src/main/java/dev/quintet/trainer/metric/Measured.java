package dev.quintet.trainer.metric;

/// What a metric counted: numbers a row that add up, and the scores of any sum of them.
public interface Measured {

  /// What was counted: an array a row, all of one length.
  double[][] statistics();

  /// The scores, in the order of [Metric#names].
  ///
  /// @param sums the statistics of some rows, added up; a row may be among them more than once
  /// @param rows how many they are
  double[] scores(double[] sums, int rows);

  /// The scores of all rows together.
  default double[] scores() {
    double[][] statistics = statistics();
    double[] sums = new double[statistics.length == 0 ? 0 : statistics[0].length];
    for (double[] row : statistics) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] += row[i];
      }
    }
    return scores(sums, statistics.length);
  }
}
