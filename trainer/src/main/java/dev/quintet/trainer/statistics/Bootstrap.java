package dev.quintet.trainer.statistics;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// A score and how it varies over resamples.
///
/// Resamples without a score, such as kappa of one label, are left out, and counted. Source: Efron and Tibshirani, "An
/// Introduction to the Bootstrap" (1993).
public final class Bootstrap {
  /// Below this, rounding alone moves the scores that leave a unit out.
  private static final double ROUNDING = 1e-12;

  private final double value;
  private final double[] sorted;
  private final double[] leftOut;
  private final int undefined;

  private Bootstrap(double value, double[] resampled, double[] leftOut) {
    this.value = value;
    this.sorted = Arrays.stream(resampled).filter(score -> !Double.isNaN(score)).sorted().toArray();
    this.leftOut = leftOut;
    this.undefined = resampled.length - sorted.length;
  }

  /// Each score of a metric, in the order of its names.
  public static List<Bootstrap> of(SamplingUnits units, Resamples resamples) {
    double[][] drawn =
        IntStream.range(0, resamples.count())
            .parallel()
            .mapToObj(number -> units.scores(resamples.draw(number)))
            .toArray(double[][]::new);
    double[] values = units.scores();
    double[][] leftOut = units.leftOut();
    return IntStream.range(0, values.length)
        .mapToObj(
            score -> new Bootstrap(values[score], column(drawn, score), column(leftOut, score)))
        .toList();
  }

  private static double[] column(double[][] rows, int column) {
    return Arrays.stream(rows).mapToDouble(row -> row[column]).toArray();
  }

  /// The score of all units.
  public double value() {
    return value;
  }

  /// How many resamples had no score.
  public int undefined() {
    return undefined;
  }

  /// The standard deviation of the resampled scores; NaN of fewer than two.
  public double standardError() {
    double mean = mean(sorted);
    double squares = Arrays.stream(sorted).map(score -> (score - mean) * (score - mean)).sum();
    return Math.sqrt(squares / (sorted.length - 1));
  }

  /// How far the mean of the resampled scores is above the score.
  public double bias() {
    return mean(sorted) - value;
  }

  /// The quantiles of the resampled scores.
  public Interval percentile(double level) {
    Interval.check(level);
    double tail = (1 - level) / 2;
    return new Interval(quantile(tail), quantile(1 - tail), level, Interval.Method.PERCENTILE);
  }

  /// The percentile interval mirrored at the score.
  public Interval basic(double level) {
    Interval mirrored = percentile(level);
    return new Interval(
        2 * value - mirrored.high(), 2 * value - mirrored.low(), level, Interval.Method.BASIC);
  }

  /// The interval that allows for bias and skewness. Where all resamples are equal it is the point; where no resample lies on one
  /// side of the score, the percentile interval, as its method says.
  ///
  /// @throws IllegalStateException without Apache Commons Math
  public Interval bca(double level) {
    Interval.check(level);
    if (isConstant()) {
      return new Interval(value, value, level, Interval.Method.BCA);
    }
    double tail = (1 - level) / 2;
    double low = moved(tail);
    double high = moved(1 - tail);
    if (Double.isNaN(low) || Double.isNaN(high)) {
      return percentile(level);
    }
    return new Interval(quantile(low), quantile(high), level, Interval.Method.BCA);
  }

  /// BCa's correction for bias: the normal quantile of the share of resamples below the score, half of the equal ones among
  /// them.
  public double z0() {
    long below = Arrays.stream(sorted).filter(score -> score < value).count();
    long notAbove = Arrays.stream(sorted).filter(score -> score <= value).count();
    return Distributions.normalQuantile((below + notAbove) / (2.0 * sorted.length));
  }

  /// BCa's correction for skewness, from the scores that leave one unit out.
  public double acceleration() {
    double mean = mean(leftOut);
    double squares = 0;
    double cubes = 0;
    for (double score : leftOut) {
      double influence = mean - score;
      squares += influence * influence;
      cubes += influence * influence * influence;
    }
    boolean same = Math.sqrt(squares) <= ROUNDING * Math.abs(mean) * leftOut.length;
    // The factor n - 1 of each influence cancels out.
    return same ? 0 : cubes / (6 * Math.pow(squares, 1.5));
  }

  private boolean isConstant() {
    return sorted.length > 0 && sorted[0] == sorted[sorted.length - 1];
  }

  /// The probability to take the quantile of; NaN where there is none.
  private double moved(double probability) {
    double z0 = z0();
    double shifted = z0 + Distributions.normalQuantile(probability);
    double argument = z0 + shifted / (1 - acceleration() * shifted);
    return Double.isInfinite(z0) || Double.isNaN(argument)
        ? Double.NaN
        : Distributions.normal(argument);
  }

  private double quantile(double probability) {
    return Quantiles.of(sorted, probability);
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).sum() / values.length;
  }
}
