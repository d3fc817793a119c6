package dev.quintet.trainer.statistics;

import java.util.Comparator;
import java.util.stream.IntStream;

/// Holm's correction of several p-values, where more than two systems are compared.
///
/// Source: Holm, "A simple sequentially rejective multiple test procedure" (1979).
public final class Holm {
  private Holm() {}

  /// The corrected values, in the order of the given ones: where one is below a level, the chance that any such finding is false
  /// is below it too.
  public static double[] adjusted(double[] ps) {
    int[] order =
        IntStream.range(0, ps.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> ps[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] adjusted = new double[ps.length];
    double highest = 0;
    for (int rank = 0; rank < order.length; rank++) {
      highest = Math.max(highest, Math.min(1, (ps.length - rank) * ps[order[rank]]));
      adjusted[order[rank]] = highest;
    }
    return adjusted;
  }
}
