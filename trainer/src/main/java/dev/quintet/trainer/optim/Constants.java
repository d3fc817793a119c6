package dev.quintet.trainer.optim;

/// Checks of optimizers' constants.
final class Constants {
  private Constants() {}

  /// Refuses a constant, by name.
  static void check(String optimizer, String name, boolean fine, double value) {
    if (!fine) {
      throw new IllegalArgumentException(optimizer + ": " + name + " cannot be " + value);
    }
  }

  /// Refuses decays that are not from 0 to below 1.
  static void betas(String optimizer, double... betas) {
    for (double beta : betas) {
      check(optimizer, "one of betas", beta >= 0 && beta < 1, beta);
    }
  }

  /// 1 - b^t, by which a moment that began at 0 is divided.
  static double correction(double beta, int count) {
    return 1 - StrictMath.pow(beta, count);
  }
}
