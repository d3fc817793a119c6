package dev.quintet.trainer.metric;

/// What a ratio is where nothing could be divided by, such as the precision of a label that nobody guessed.
public enum ZeroDivision {
  /// It is 0.
  ZERO(0),
  /// It is 1.
  ONE(1),
  /// It is no number, and a mean leaves it out.
  NAN(Double.NaN);

  private final double value;

  ZeroDivision(double value) {
    this.value = value;
  }

  /// The quotient, or what stands for it.
  double divide(double part, double whole) {
    return whole == 0 ? value : part / whole;
  }
}
