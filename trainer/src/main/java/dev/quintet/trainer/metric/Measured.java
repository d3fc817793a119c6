package dev.quintet.trainer.metric;

import java.util.List;

/// What a metric counted: numbers a row that add up, and the scores of any sum of them.
public interface Measured {

  /// What was counted: an array a row, all of one length.
  double[][] statistics();

  /// The scores, in the order of [Metric#names].
  ///
  /// @param sums the statistics of some rows, added up; a row may be among them more than once
  /// @param rows how many they are
  double[] scores(double[] sums, int rows);

  /// How many rows were counted.
  default int rows() {
    return statistics().length;
  }

  /// How many numbers a row has; 0 may stand for any where there is no row.
  default int width() {
    return rows() == 0 ? 0 : statistics()[0].length;
  }

  /// Adds a row's statistics to sums. One whose rows are mostly zeros passes over them here.
  ///
  /// @param times how often the row counts; -1 takes it out again
  /// @param sums of length [#width]
  default void add(int row, double times, double[] sums) {
    double[] counted = statistics()[row];
    for (int i = 0; i < sums.length; i++) {
      sums[i] += times * counted[i];
    }
  }

  /// The scores of all rows together.
  default double[] scores() {
    double[] sums = new double[width()];
    for (int row = 0; row < rows(); row++) {
      add(row, 1, sums);
    }
    return scores(sums, rows());
  }

  /// What a reader of the scores has to know, a line each: how many answers the metric could make nothing of, and why.
  default List<String> notes() {
    return List.of();
  }
}
