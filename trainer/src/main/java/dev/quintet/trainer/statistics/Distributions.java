package dev.quintet.trainer.statistics;

import java.util.function.DoubleSupplier;
import org.apache.commons.math3.distribution.BetaDistribution;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.special.Beta;
import org.apache.commons.math3.special.Erf;

/// Probabilities and quantiles, by Apache Commons Math. Nothing else of this package knows it.
final class Distributions {
  private static final double ACCURACY = 1e-14;

  private Distributions() {}

  /// The standard normal's quantile.
  static double normalQuantile(double probability) {
    return math(() ->
        new NormalDistribution(null, 0, 1, ACCURACY).inverseCumulativeProbability(probability));
  }

  /// The probability that a standard normal is at most so large.
  static double normal(double value) {
    return math(() -> 0.5 * Erf.erfc(-value / Math.sqrt(2)));
  }

  /// The quantile of a beta distribution.
  static double betaQuantile(double alpha, double beta, double probability) {
    return math(() ->
        new BetaDistribution(null, alpha, beta, ACCURACY)
            .inverseCumulativeProbability(probability));
  }

  /// The probability that Student's t is farther from 0 than this, on either side.
  static double studentBeyond(double freedom, double t) {
    return math(() -> 2 * new TDistribution(null, freedom).cumulativeProbability(-Math.abs(t)));
  }

  /// The quantile of Student's t.
  static double studentQuantile(double freedom, double probability) {
    return math(
        () -> new TDistribution(null, freedom, ACCURACY).inverseCumulativeProbability(probability));
  }

  /// The probability of at most `successes` of `trials` tosses of a coin.
  static double tosses(long successes, long trials) {
    return math(() ->
        successes >= trials ? 1 : Beta.regularizedBeta(0.5, trials - successes, successes + 1.0));
  }

  /// The probability that chi squared of one degree of freedom is larger.
  static double chiSquaredBeyond(double value) {
    return math(() -> Erf.erfc(Math.sqrt(value / 2)));
  }

  private static double math(DoubleSupplier computation) {
    try {
      return computation.getAsDouble();
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(
          "quantiles and p-values need Apache Commons Math (org.apache.commons:commons-math3:3.6.1), which is not there:"
              + " add it to the program",
          e);
    }
  }
}
