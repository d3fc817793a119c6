package dev.quintet.trainer.metric.translation;

import dev.quintet.trainer.metric.Answered;
import dev.quintet.trainer.metric.Measured;
import dev.quintet.trainer.metric.Metric;
import java.util.List;

/// A metric of translations, whose score says by a signature how it came about.
public sealed interface TranslationMetric extends Metric permits Bleu, Chrf, Ter {

  /// The name in print, such as `chrF2++`.
  String label();

  /// How the score of rows comes about; papers print it beside the score.
  Signature signature(List<Answered> rows);

  /// A score in print, such as `TER = 20.0`.
  ///
  /// @param sums the statistics of all rows, added up
  /// @param decimals digits after the point
  String line(double[] sums, int decimals);

  /// The score of rows in print.
  ///
  /// @param decimals digits after the point
  default String line(List<Answered> rows, int decimals) {
    return line(sums(measure(rows)), decimals);
  }

  /// Each row's statistics, added up in their order.
  private double[] sums(Measured measured) {
    double[] sums = new double[statistics()];
    for (double[] row : measured.statistics()) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] += row[i];
      }
    }
    return sums;
  }

  /// How many numbers a row has.
  int statistics();
}
