package dev.quintet.trainer.search;

import java.util.Arrays;
import org.apache.commons.math3.random.SobolSequenceGenerator;

/// Points that fill the unit cube evenly, from Apache Commons Math (Joe and Kuo's direction numbers).
public final class Sobol {
  private Sobol() {}

  /// Some points of the sequence, the first of which is the corner at 0.
  ///
  /// @param dimensions from 1 to 1000
  /// @param from number of the first point
  /// @param count how many
  /// @return `[count][dimensions]`
  public static double[][] points(int dimensions, int from, int count) {
    CommonsMath.require();
    if (dimensions < 1 || dimensions > 1000) {
      throw new IllegalArgumentException(
          "Sobol points have from 1 to 1000 dimensions, not " + dimensions);
    }
    var sequence = new SobolSequenceGenerator(dimensions);
    double[][] points = new double[count][];
    for (int i = 0; i < count; i++) {
      // Point 0 as it should be: skipTo(0) leaves the generator before it.
      points[i] = from + i == 0 ? new double[dimensions] : sequence.skipTo(from + i);
    }
    return points;
  }

  /// A point moved by an offset, round the cube's edge (Cranley and Patterson 1976).
  static double[] shifted(double[] point, double[] offset) {
    double[] shifted = new double[point.length];
    Arrays.setAll(shifted, i -> (point[i] + offset[i]) % 1);
    return shifted;
  }
}
