package dev.quintet.trainer.folds;

import dev.quintet.trainer.statistics.StudentT;
import java.util.Arrays;

/// What the scores of folds say together.
///
/// Folds share most of what they learn from, so that their scores are no independent draws: the plain t interval is too
/// narrow, and the corrected one (Nadeau and Bengio 2003, "Inference for the generalization error") is what to quote.
///
/// @param scores one a fold and repeat
/// @param trainRows rows that a fold learns from, on average
/// @param testRows rows that a fold holds out, on average
public record FoldScores(double[] scores, double trainRows, double testRows) {
  /// Copies the scores.
  ///
  /// @throws IllegalArgumentException if there are fewer than two, or a part is empty
  public FoldScores {
    scores = scores.clone();
    if (scores.length < 2) {
      throw new IllegalArgumentException(
          "a summary of folds needs at least 2 scores, got " + scores.length);
    }
    if (!(trainRows > 0 && testRows > 0)) {
      throw new IllegalArgumentException(
          "folds learn from rows and hold rows out, got %s and %s".formatted(trainRows, testRows));
    }
  }

  @Override
  public double[] scores() {
    return scores.clone();
  }

  /// The mean score.
  public double mean() {
    return mean(scores);
  }

  /// The standard deviation, with one less than the number of scores.
  public double deviation() {
    return Math.sqrt(variance(scores));
  }

  /// The interval of Student's t as if the scores were independent, which they are not: too narrow.
  ///
  /// @param level such as 0.95
  public Interval plain(double level) {
    return around(level, 1.0 / scores.length);
  }

  /// The interval that allows for what folds have in common.
  ///
  /// @param level such as 0.95
  public Interval corrected(double level) {
    return around(level, 1.0 / scores.length + testRows / trainRows);
  }

  private Interval around(double level, double factor) {
    double quantile = new StudentT(scores.length - 1).quantile(1 - (1 - level) / 2);
    double half = quantile * deviation() * Math.sqrt(factor);
    return new Interval(mean() - half, mean() + half);
  }

  /// Compares with another system's scores on the same folds, in the same order.
  ///
  /// @throws IllegalArgumentException if they are not as many
  public Comparison compare(FoldScores other) {
    if (other.scores.length != scores.length) {
      throw new IllegalArgumentException(
          "two systems are compared on the same folds, got %d and %d scores"
              .formatted(scores.length, other.scores.length));
    }
    double[] differences = new double[scores.length];
    Arrays.setAll(differences, i -> scores[i] - other.scores[i]);
    double mean = mean(differences);
    double error = Math.sqrt((1.0 / scores.length + testRows / trainRows) * variance(differences));
    if (error == 0) {
      return new Comparison(
          mean, mean == 0 ? 0 : Math.copySign(Double.POSITIVE_INFINITY, mean), mean == 0 ? 1 : 0);
    }
    double t = mean / error;
    return new Comparison(mean, t, new StudentT(scores.length - 1).beyond(t));
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).sum() / values.length;
  }

  private static double variance(double[] values) {
    double mean = mean(values);
    return Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum()
        / (values.length - 1);
  }

  /// An interval.
  ///
  /// @param low its lower end
  /// @param high its upper end
  public record Interval(double low, double high) {}

  /// How two systems differ.
  ///
  /// @param difference mean of the first system's scores less the second's
  /// @param t the corrected statistic; infinite where all differences are the same
  /// @param p how likely a statistic as far from 0 is, if there were no difference
  public record Comparison(double difference, double t, double p) {}
}
