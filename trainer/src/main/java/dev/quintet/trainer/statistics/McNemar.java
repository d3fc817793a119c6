package dev.quintet.trainer.statistics;

/// Two systems that are each right or wrong on the same rows: those on which one alone is right decide.
///
/// Source: McNemar, "Note on the sampling error of the difference between correlated proportions" (1947).
///
/// @param onlyFirst rows on which the first alone is right
/// @param onlySecond rows on which the second alone is right
public record McNemar(long onlyFirst, long onlySecond) {

  /// Refuses negative counts.
  public McNemar {
    if (onlyFirst < 0 || onlySecond < 0) {
      throw new IllegalArgumentException(
          "McNemar: expected counts of 0 or more, got %d and %d".formatted(onlyFirst, onlySecond));
    }
  }

  /// Of what was right.
  ///
  /// @throws IllegalArgumentException if the lengths differ
  public static McNemar of(boolean[] first, boolean[] second) {
    if (first.length != second.length) {
      throw new IllegalArgumentException(
          "McNemar: expected two systems on the same rows, got %d and %d rows"
              .formatted(first.length, second.length));
    }
    long onlyFirst = 0;
    long onlySecond = 0;
    for (int row = 0; row < first.length; row++) {
      onlyFirst += first[row] && !second[row] ? 1 : 0;
      onlySecond += second[row] && !first[row] ? 1 : 0;
    }
    return new McNemar(onlyFirst, onlySecond);
  }

  /// Of a score by which each unit is right or wrong.
  ///
  /// @param score its place among the metric's names
  /// @throws IllegalArgumentException if the systems have not answered equally many rows
  public static McNemar of(SamplingUnits first, SamplingUnits second, int score) {
    first.pair("McNemar", second);
    return of(right(first, score), right(second, score));
  }

  private static boolean[] right(SamplingUnits units, int score) {
    boolean[] right = new boolean[units.size()];
    for (int unit = 0; unit < right.length; unit++) {
      right[unit] = units.scores(new int[] {unit})[score] > 0;
    }
    return right;
  }

  /// The exact p-value, on both sides; 1 where no row decides.
  public double exactP() {
    return both() == 0
        ? 1
        : Math.min(1, 2 * Distributions.tosses(Math.min(onlyFirst, onlySecond), both()));
  }

  /// Chi squared, for many deciding rows; NaN where there is none.
  public TestResult chiSquared() {
    return chiSquared(onlyFirst - onlySecond);
  }

  /// Chi squared with the correction for counts being whole numbers; NaN where no row decides.
  public TestResult corrected() {
    return chiSquared(Math.abs(onlyFirst - onlySecond) - 1);
  }

  private TestResult chiSquared(double difference) {
    double statistic = difference * difference / both();
    return new TestResult(
        statistic, both() == 0 ? Double.NaN : Distributions.chiSquaredBeyond(statistic));
  }

  private long both() {
    return onlyFirst + onlySecond;
  }
}
