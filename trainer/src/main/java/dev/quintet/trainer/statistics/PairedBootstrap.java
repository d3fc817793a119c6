package dev.quintet.trainer.statistics;

import dev.quintet.trainer.metric.Metric;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Two systems' scores on the same rows, and on the same resamples of them.
///
/// Sources: the p-value and the margin are sacrebleu's; the share is that of Koehn, "Statistical significance tests for machine
/// translation evaluation" (2004).
///
/// @param first the first system's score
/// @param second the second's
/// @param mean the second's mean over the resamples
/// @param margin half the width of what holds 95 % of the second's resampled scores
/// @param p how likely a difference as large would be if the systems were equally good, on both sides
/// @param notBetter the share of resamples in which the second is not better
/// @param resamples how many there were
public record PairedBootstrap(
    double first,
    double second,
    double mean,
    double margin,
    double p,
    double notBetter,
    int resamples) {

  /// Compares each score of a metric, in the order of its names.
  ///
  /// @throws IllegalArgumentException if the systems have not answered equally many rows
  public static List<PairedBootstrap> of(
      Metric metric, SamplingUnits first, SamplingUnits second, Resamples resamples) {
    first.pair("PairedBootstrap", second);
    int count = resamples.count();
    double[][] ones = new double[count][];
    double[][] others = new double[count][];
    IntStream.range(0, count)
        .parallel()
        .forEach(number -> {
          int[] drawn = resamples.draw(number);
          ones[number] = first.scores(drawn);
          others[number] = second.scores(drawn);
        });
    double[] one = first.scores();
    double[] other = second.scores();
    return IntStream.range(0, one.length)
        .mapToObj(score ->
            of(
                one[score],
                other[score],
                Arrays.stream(ones).mapToDouble(row -> row[score]).toArray(),
                Arrays.stream(others).mapToDouble(row -> row[score]).toArray(),
                metric.higherIsBetter(metric.names().get(score))))
        .toList();
  }

  private static PairedBootstrap of(
      double one, double other, double[] ones, double[] others, boolean higherIsBetter) {
    int count = ones.length;
    double[] differences = new double[count];
    int notBetter = 0;
    for (int i = 0; i < count; i++) {
      differences[i] = Math.abs(others[i] - ones[i]);
      boolean better = higherIsBetter ? others[i] > ones[i] : others[i] < ones[i];
      notBetter += better ? 0 : 1;
    }
    double mean = Arrays.stream(differences).sum() / count;
    double seen = Math.abs(other - one);
    long beyond = Arrays.stream(differences).filter(difference -> difference - mean > seen).count();
    double[] sorted = others.clone();
    Arrays.sort(sorted);
    double margin = (sorted[count - 1 - count / 40] - sorted[count / 40]) / 2;
    return new PairedBootstrap(
        one,
        other,
        Arrays.stream(others).sum() / count,
        margin,
        (beyond + 1.0) / (count + 1.0),
        (double) notBetter / count,
        count);
  }
}
