package dev.quintet.trainer.metric;

import java.util.List;
import java.util.function.ToDoubleFunction;

/// How many of the guesses are right, how many of the right ones were guessed, and the harmonic mean of both.
public record PrecisionRecallF1(double precision, double recall, double f1) {

  /// All three 0.
  public static final PrecisionRecallF1 ZERO = new PrecisionRecallF1(0, 0, 0);

  /// Of counts.
  ///
  /// @param hits guesses that are right
  /// @param guessed all guesses
  /// @param actual all that should have been guessed
  public static PrecisionRecallF1 of(
      double hits, double guessed, double actual, ZeroDivision zero) {
    return new PrecisionRecallF1(
        zero.divide(hits, guessed),
        zero.divide(hits, actual),
        zero.divide(2 * hits, guessed + actual));
  }

  /// Of counts; a ratio to nothing is 0.
  public static PrecisionRecallF1 of(double hits, double guessed, double actual) {
    return of(hits, guessed, actual, ZeroDivision.ZERO);
  }

  /// The means of each number; those that are none are left out.
  static PrecisionRecallF1 mean(List<PrecisionRecallF1> all) {
    double[] weights = new double[all.size()];
    return weighted(all, weights);
  }

  /// The weighted means of each number; plain ones where all weights are 0.
  static PrecisionRecallF1 weighted(List<PrecisionRecallF1> all, double[] weights) {
    return new PrecisionRecallF1(
        weighted(all, weights, PrecisionRecallF1::precision),
        weighted(all, weights, PrecisionRecallF1::recall),
        weighted(all, weights, PrecisionRecallF1::f1));
  }

  private static double weighted(
      List<PrecisionRecallF1> all, double[] weights, ToDoubleFunction<PrecisionRecallF1> number) {
    double sum = 0;
    double weight = 0;
    double plain = 0;
    int counted = 0;
    for (int i = 0; i < weights.length; i++) {
      double value = number.applyAsDouble(all.get(i));
      if (!Double.isNaN(value)) {
        sum += weights[i] * value;
        weight += weights[i];
        plain += value;
        counted++;
      }
    }
    // NaN where nothing was counted
    return weight == 0 ? plain / counted : sum / weight;
  }
}
