package dev.quintet.trainer.folds;

import org.apache.commons.math3.distribution.TDistribution;

/// Student's t distribution, from Apache Commons Math.
final class StudentT {
  private static final double ACCURACY = 1e-13;

  private StudentT() {}

  /// Below which value a share of the distribution lies.
  static double quantile(int freedom, double share) {
    return of(freedom).inverseCumulativeProbability(share);
  }

  /// How likely a value at least as far from 0 is.
  static double twoSided(int freedom, double t) {
    return 2 * of(freedom).cumulativeProbability(-Math.abs(t));
  }

  private static TDistribution of(int freedom) {
    try {
      return new TDistribution(freedom, ACCURACY);
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(
          "intervals of folds need Apache Commons Math (org.apache.commons:commons-math3:3.6.1), which is not there: add it to the program",
          e);
    }
  }
}
