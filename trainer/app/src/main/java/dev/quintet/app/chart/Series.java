package dev.quintet.app.chart;

import java.util.Arrays;

/// A line of a chart.
///
/// @param name what the legend says
/// @param xs where its points are from left to right, ascending
/// @param ys how high they are; what is not finite leaves a gap
public record Series(String name, double[] xs, double[] ys) {

  /// Refuses points without a place.
  ///
  /// @throws IllegalArgumentException if the numbers are not as many, or a place is not finite
  public Series {
    if (xs.length != ys.length || !Arrays.stream(xs).allMatch(Double::isFinite)) {
      throw new IllegalArgumentException(
          "the line \"%s\" has %d places for %d heights, or one that is not finite"
              .formatted(name, xs.length, ys.length));
    }
  }

  /// How many points there are.
  public int size() {
    return xs.length;
  }
}
