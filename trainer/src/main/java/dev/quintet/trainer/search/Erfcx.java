package dev.quintet.trainer.search;

/// The scaled complementary error function, exp(x²) erfc(x), to 1e-12; Commons Math has none.
final class Erfcx {
  private static final double ROOT_PI = StrictMath.sqrt(Math.PI);
  private static final double SMALL = 2;
  private static final double LARGE = 1e8;

  private Erfcx() {}

  /// @param x at least 0
  static double of(double x) {
    if (x < SMALL) {
      return series(x);
    }
    return x > LARGE ? 1 / (x * ROOT_PI) : fraction(x);
  }

  /// exp(x²) less exp(x²) erf(x), whose series has only positive terms (Abramowitz and Stegun 7.1.6).
  private static double series(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; term > 1e-18 * sum; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return StrictMath.exp(x * x) - 2 / ROOT_PI * sum;
  }

  /// The continued fraction (Abramowitz and Stegun 7.1.14), from its far end.
  private static double fraction(double x) {
    int terms = 20 + (int) (500 / (x * x));
    double tail = x;
    for (int n = terms; n >= 1; n--) {
      tail = x + n / 2.0 / tail;
    }
    return 1 / (tail * ROOT_PI);
  }
}
