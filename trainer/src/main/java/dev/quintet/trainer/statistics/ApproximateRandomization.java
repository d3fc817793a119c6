package dev.quintet.trainer.statistics;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Whether two systems' scores differ by more than if their answers were dealt to them by chance.
///
/// Source: Riezler and Maxwell, "On some pitfalls in automatic evaluation and significance testing for MT" (2005).
///
/// @param first the first system's score
/// @param second the second's
/// @param p how likely a larger difference would be if the answers were dealt by chance
/// @param trials how often they were
public record ApproximateRandomization(double first, double second, double p, int trials) {

  /// Compares each score of a metric, in the order of its names.
  ///
  /// @throws IllegalArgumentException if the systems have not answered equally many rows
  public static List<ApproximateRandomization> of(
      SamplingUnits first, SamplingUnits second, Swaps swaps) {
    first.pair("ApproximateRandomization", second);
    double[] one = first.scores();
    double[] other = second.scores();
    double[][] differences =
        IntStream.range(0, swaps.count())
            .parallel()
            .mapToObj(number -> differences(first, second, swaps, number))
            .toArray(double[][]::new);
    return IntStream.range(0, one.length)
        .mapToObj(score -> {
          double seen = Math.abs(one[score] - other[score]);
          long beyond = Arrays.stream(differences).filter(row -> row[score] > seen).count();
          double p = (beyond + 1.0) / (swaps.count() + 1.0);
          return new ApproximateRandomization(one[score], other[score], p, swaps.count());
        })
        .toList();
  }

  private static double[] differences(
      SamplingUnits first, SamplingUnits second, Swaps swaps, int number) {
    var swapped = swaps.draw(number);
    double[] one = first.mixed(second, swapped);
    double[] other = second.mixed(first, swapped);
    for (int i = 0; i < one.length; i++) {
      one[i] = Math.abs(one[i] - other[i]);
    }
    return one;
  }
}
