package dev.quintet.trainer.metric;

/// A ratio of two sums over a sample, such as F1 over methods, and how far another sample would put it.
///
/// The sample consists of groups that belong together, such as the methods of one class: they are drawn or left out as a
/// whole, so that likeness within a group does not make the error look smaller than it is. Source: the linearised
/// variance of a ratio under cluster sampling, Cochran, "Sampling Techniques" (1977), section 9A.
///
/// @param value the ratio, or a difference of two
/// @param error its standard error; 0 where there are fewer than two groups
public record RatioEstimate(double value, double error) {
  private static final double NORMAL_95 = 1.959964;

  /// The ratio of the sums of `parts` and `wholes`, a number a group each.
  ///
  /// @throws IllegalArgumentException if the lengths differ
  public static RatioEstimate of(double[] parts, double[] wholes) {
    return new RatioEstimate(ratio(parts, wholes), error(residuals(parts, wholes)));
  }

  /// The difference of two ratios that were measured on the same groups.
  ///
  /// @throws IllegalArgumentException if the lengths differ
  public static RatioEstimate difference(
      double[] parts, double[] wholes, double[] otherParts, double[] otherWholes) {
    double[] residuals = residuals(parts, wholes);
    double[] others = residuals(otherParts, otherWholes);
    if (residuals.length != others.length) {
      throw new IllegalArgumentException(
          "RatioEstimate.difference: expected the same groups, got %d and %d"
              .formatted(residuals.length, others.length));
    }
    for (int g = 0; g < residuals.length; g++) {
      residuals[g] -= others[g];
    }
    return new RatioEstimate(
        ratio(parts, wholes) - ratio(otherParts, otherWholes), error(residuals));
  }

  /// Half the width of a 95 % interval.
  public double margin() {
    return NORMAL_95 * error;
  }

  private static double ratio(double[] parts, double[] wholes) {
    double whole = sum(wholes);
    return whole == 0 ? 0 : sum(parts) / whole;
  }

  private static double[] residuals(double[] parts, double[] wholes) {
    if (parts.length != wholes.length) {
      throw new IllegalArgumentException(
          "RatioEstimate: expected as many parts as wholes, got %d and %d"
              .formatted(parts.length, wholes.length));
    }
    double ratio = ratio(parts, wholes);
    double whole = sum(wholes);
    double[] residuals = new double[parts.length];
    for (int g = 0; g < parts.length && whole != 0; g++) {
      residuals[g] = (parts[g] - ratio * wholes[g]) / whole;
    }
    return residuals;
  }

  private static double error(double[] residuals) {
    int groups = residuals.length;
    if (groups < 2) {
      return 0;
    }
    double squares = 0;
    for (double residual : residuals) {
      squares += residual * residual;
    }
    return Math.sqrt(squares * groups / (groups - 1));
  }

  private static double sum(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }
}
