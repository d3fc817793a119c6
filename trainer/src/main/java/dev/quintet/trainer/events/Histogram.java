package dev.quintet.trainer.events;

/// How values are spread.
///
/// @param min the least
/// @param max the greatest
/// @param count how many
/// @param sum of all
/// @param sumOfSquares of all
/// @param edges the right edge of each bucket, ascending; the last is at least the greatest
/// @param counts how many values each bucket has
public record Histogram(
    double min,
    double max,
    double count,
    double sum,
    double sumOfSquares,
    double[] edges,
    double[] counts) {
  private static final int BUCKETS = 30;

  /// Refuses edges that are not one for each count.
  ///
  /// @throws IllegalArgumentException if there are more or fewer
  public Histogram {
    if (edges.length != counts.length) {
      throw new IllegalArgumentException(
          "a histogram has an edge for each bucket, not %d for %d"
              .formatted(edges.length, counts.length));
    }
  }

  /// The spread of values over 30 buckets of one width; values that are not finite are left out.
  public static Histogram of(float... values) {
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    double sum = 0;
    double squares = 0;
    long count = 0;
    for (float value : values) {
      if (Float.isFinite(value)) {
        min = Math.min(min, value);
        max = Math.max(max, value);
        sum += value;
        squares += (double) value * value;
        count++;
      }
    }
    if (count == 0) {
      return new Histogram(0, 0, 0, 0, 0, new double[0], new double[0]);
    }
    double width = max > min ? (max - min) / BUCKETS : 1;
    double[] edges = new double[max > min ? BUCKETS : 1];
    double[] counts = new double[edges.length];
    for (int i = 0; i < edges.length; i++) {
      edges[i] = i == edges.length - 1 ? max : min + width * (i + 1);
    }
    for (float value : values) {
      if (Float.isFinite(value)) {
        counts[Math.min(edges.length - 1, (int) ((value - min) / width))]++;
      }
    }
    return new Histogram(min, max, count, sum, squares, edges, counts);
  }
}
