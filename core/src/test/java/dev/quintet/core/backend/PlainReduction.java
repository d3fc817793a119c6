package dev.quintet.core.backend;

import dev.quintet.core.backend.ReductionKernels.Reduction;
import java.util.Comparator;
import java.util.stream.IntStream;

/// Reductions along the middle axis of [outer, axis, inner] as they are defined.
final class PlainReduction {
  private PlainReduction() {}

  static double[] reduce(Reduction op, int outer, int axis, int inner, double[] x) {
    double[] y = new double[outer * inner];
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < inner; i++) {
        double all =
            switch (op) {
              case SUM -> 0;
              case MAX -> Double.NEGATIVE_INFINITY;
              case MIN -> Double.POSITIVE_INFINITY;
            };
        for (int a = 0; a < axis; a++) {
          double one = x[(o * axis + a) * inner + i];
          all =
              switch (op) {
                case SUM -> all + one;
                case MAX -> Math.max(all, one);
                case MIN -> Math.min(all, one);
              };
        }
        y[o * inner + i] = all;
      }
    }
    return y;
  }

  /// The places of the k largest of one row, in descending order; of equals the first comes first,
  /// and NaN counts as the largest.
  static int[] topK(float[] row, int k) {
    return IntStream.range(0, row.length)
        .boxed()
        .sorted(Comparator.comparing((Integer i) -> row[i] + 0f).reversed())
        .mapToInt(i -> i)
        .limit(k)
        .toArray();
  }

  static double[] cumulativeSum(int outer, int axis, int inner, boolean reverse, double[] x) {
    double[] y = new double[x.length];
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < inner; i++) {
        double sum = 0;
        for (int a = 0; a < axis; a++) {
          int at = (o * axis + (reverse ? axis - 1 - a : a)) * inner + i;
          sum += x[at];
          y[at] = sum;
        }
      }
    }
    return y;
  }
}
