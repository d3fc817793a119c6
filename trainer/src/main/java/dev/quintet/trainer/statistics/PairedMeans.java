package dev.quintet.trainer.statistics;

import java.util.Arrays;

/// Tests of few paired scores, such as those of two systems on the same folds, seeds or sets.
public final class PairedMeans {
  /// The most pairs of which all signs are tried.
  public static final int MOST_FLIPPED = 16;

  private static final double ROUNDING = 1e-12;

  private PairedMeans() {}

  /// The exact test of signs: the share of all ways to flip the differences' signs that move their mean as far or farther
  /// from 0.
  ///
  /// @throws IllegalArgumentException if the lengths differ, or are 0 or more than [#MOST_FLIPPED]
  public static double signFlips(double[] first, double[] second) {
    double[] differences = differences("signFlips", first, second);
    int count = differences.length;
    if (count > MOST_FLIPPED) {
      throw new IllegalArgumentException(
          "PairedMeans.signFlips: expected at most %d pairs, got %d; a paired bootstrap takes more"
              .formatted(MOST_FLIPPED, count));
    }
    double seen = Math.abs(Arrays.stream(differences).sum());
    double scale = Arrays.stream(differences).map(Math::abs).sum();
    int asFar = 0;
    for (int signs = 0; signs < 1 << count; signs++) {
      double sum = 0;
      for (int i = 0; i < count; i++) {
        sum += (signs >> i & 1) == 0 ? differences[i] : -differences[i];
      }
      asFar += Math.abs(sum) >= seen - ROUNDING * scale ? 1 : 0;
    }
    return (double) asFar / (1 << count);
  }

  /// Student's t of the second's scores less the first's. On folds of one set it is too sure of itself.
  ///
  /// @return NaN where all differences are equal
  /// @throws IllegalArgumentException if the lengths differ or are below 2
  public static TestResult t(double[] first, double[] second) {
    double[] differences = differences("t", first, second);
    int count = differences.length;
    if (count < 2) {
      throw new IllegalArgumentException("PairedMeans.t: expected at least 2 pairs, got " + count);
    }
    double mean = Arrays.stream(differences).sum() / count;
    double squares = Arrays.stream(differences).map(d -> (d - mean) * (d - mean)).sum();
    double error = Math.sqrt(squares / (count - 1) / count);
    if (error <= ROUNDING * Math.abs(mean)) {
      return new TestResult(Double.NaN, Double.NaN);
    }
    double t = mean / error;
    return new TestResult(t, Distributions.studentBeyond(count - 1, t));
  }

  private static double[] differences(String operation, double[] first, double[] second) {
    if (first.length != second.length || first.length == 0) {
      throw new IllegalArgumentException(
          "PairedMeans.%s: expected two lists of scores of one length, got %d and %d"
              .formatted(operation, first.length, second.length));
    }
    double[] differences = new double[first.length];
    Arrays.setAll(differences, i -> second[i] - first[i]);
    return differences;
  }
}
