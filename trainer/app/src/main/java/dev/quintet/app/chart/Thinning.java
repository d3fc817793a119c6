package dev.quintet.app.chart;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Leaves of a line with many points those that can be seen: the least and the greatest of each column.
final class Thinning {
  private Thinning() {}

  /// The line's pieces between gaps, x and y in turn.
  ///
  /// @param columns how many can be told apart
  static List<double[]> of(Series line, int columns) {
    var pieces = new ArrayList<double[]>();
    int start = -1;
    for (int i = 0; i <= line.size(); i++) {
      boolean there = i < line.size() && Double.isFinite(line.ys()[i]);
      if (there && start < 0) {
        start = i;
      } else if (!there && start >= 0) {
        pieces.add(piece(line, start, i, columns));
        start = -1;
      }
    }
    return pieces;
  }

  private static double[] piece(Series line, int start, int end, int columns) {
    int most = 4 * columns;
    double[] points = new double[2 * (end - start)];
    if (end - start <= most) {
      for (int i = start; i < end; i++) {
        points[2 * (i - start)] = line.xs()[i];
        points[2 * (i - start) + 1] = line.ys()[i];
      }
      return points;
    }
    int count = 0;
    for (int column = 0; column < columns; column++) {
      int from = start + (int) ((long) (end - start) * column / columns);
      int to = start + (int) ((long) (end - start) * (column + 1) / columns);
      int least = from;
      int greatest = from;
      for (int i = from; i < to; i++) {
        least = line.ys()[i] < line.ys()[least] ? i : least;
        greatest = line.ys()[i] > line.ys()[greatest] ? i : greatest;
      }
      for (int i : new int[] {Math.min(least, greatest), Math.max(least, greatest)}) {
        points[count++] = line.xs()[i];
        points[count++] = line.ys()[i];
      }
    }
    return Arrays.copyOf(points, count);
  }
}
