package dev.quintet.trainer.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/// How much of the differences between trials each parameter makes by itself; the rest comes of parameters together.
public final class Importance {
  private static final int SAMPLES = 4096;
  private static final int BINS = 32;

  private Importance() {}

  /// The share of the variance over a full grid that the means of each parameter's values have.
  ///
  /// @param counts how many values each parameter has
  /// @param results one a place of the grid, the last parameter changing fastest
  public static double[] ofGrid(int[] counts, double[] results) {
    int size = Arrays.stream(counts).reduce(1, (a, b) -> a * b);
    if (size != results.length) {
      throw new IllegalArgumentException(
          "a grid of %s has %d places, got %d results"
              .formatted(Arrays.toString(counts), size, results.length));
    }
    double[] shares = new double[counts.length];
    int stride = results.length;
    for (int p = 0; p < counts.length; p++) {
      int count = counts[p];
      stride /= count;
      double[] sums = new double[count];
      for (int i = 0; i < results.length; i++) {
        sums[i / stride % count] += results[i];
      }
      double[] means = Arrays.stream(sums).map(sum -> sum / results.length * count).toArray();
      shares[p] = share(variance(means), variance(results));
    }
    return shares;
  }

  /// The same of the mean of a Gaussian process through the trials that have a value, at 4096 Sobol points.
  ///
  /// @param trials of one space, with at least two different values among them
  /// @return a share a parameter, in the order of the space
  public static SequencedMap<String, Double> of(Space space, List<Seen> trials) {
    var shares = new LinkedHashMap<String, Double>();
    Optional<Landscape> landscape = Landscape.of(space, trials);
    if (landscape.isEmpty()) {
      space.names().forEach(name -> shares.put(name, 0.0));
      return shares;
    }
    double[][] units = Sobol.points(space.dimensions(), 0, SAMPLES);
    double[] means = Arrays.stream(units).mapToDouble(landscape.get()::at).toArray();
    int p = 0;
    for (String name : space.names()) {
      long count = space.parameter(name).count().orElse(BINS);
      shares.put(name, ofBins(units, p++, (int) Math.min(BINS, count), means));
    }
    return shares;
  }

  private static double ofBins(double[][] units, int p, int bins, double[] means) {
    List<List<Double>> inside = new ArrayList<>();
    IntStream.range(0, bins).forEach(_ -> inside.add(new ArrayList<>()));
    for (int i = 0; i < units.length; i++) {
      inside.get(Math.min(bins - 1, (int) (units[i][p] * bins))).add(means[i]);
    }
    double[] each = inside.stream().mapToDouble(Importance::mean).toArray();
    return share(variance(each), variance(means));
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  private static double share(double part, double all) {
    return all > 0 ? part / all : 0;
  }

  private static double variance(double[] values) {
    double mean = Arrays.stream(values).average().orElseThrow();
    return Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum() / values.length;
  }
}
