package dev.quintet.trainer.search;

/// By how much a point is expected to lie below the best value, as a logarithm that does not vanish far from it (Ament
/// and others 2023, "Unexpected improvements to expected improvement", arXiv 2310.20708).
public final class ExpectedImprovement {
  private static final double LOG_ROOT_2PI = 0.5 * StrictMath.log(2 * Math.PI);
  private static final double ROOT_HALF_PI = StrictMath.sqrt(Math.PI / 2);
  private static final double ROOT_2 = StrictMath.sqrt(2);
  private static final double FAR = -50;

  private ExpectedImprovement() {}

  /// The logarithm of the expected improvement.
  ///
  /// @param mean what is expected at the point
  /// @param deviation how uncertain that is, without noise; above 0
  /// @param best the value that is to be improved on, where less is better
  /// @param margin an improvement below this counts for nothing
  public static double log(double mean, double deviation, double best, double margin) {
    if (!(deviation > 0)) {
      double gain = best - mean - margin;
      return gain > 0 ? StrictMath.log(gain) : Double.NEGATIVE_INFINITY;
    }
    return StrictMath.log(deviation) + logH((best - mean - margin) / deviation);
  }

  /// log h(z), where h(z) = phi(z) + z Phi(z), phi the normal density and Phi its integral.
  public static double logH(double z) {
    if (z > -1) {
      double density = StrictMath.exp(-z * z / 2 - LOG_ROOT_2PI);
      double below =
          z < 0
              ? density * ROOT_HALF_PI * Erfcx.of(-z / ROOT_2)
              : 1 - density * ROOT_HALF_PI * Erfcx.of(z / ROOT_2);
      return StrictMath.log(density + z * below);
    }
    return -z * z / 2 - LOG_ROOT_2PI + (z > FAR ? near(z) : far(z));
  }

  private static double near(double z) {
    return StrictMath.log(1 + z * ROOT_HALF_PI * Erfcx.of(-z / ROOT_2));
  }

  /// The asymptotic series: what it leaves out is below rounding, while the closed form would lose all digits.
  private static double far(double z) {
    double w = 1 / (z * z);
    return StrictMath.log(w) + StrictMath.log1p(w * (-3 + w * (15 + w * (-105 + w * 945))));
  }
}
