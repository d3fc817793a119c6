package dev.quintet.trainer.statistics;

/// Student's t distribution, by Apache Commons Math.
///
/// @param freedom degrees of freedom, above 0
public record StudentT(double freedom) {

  /// Checks the number.
  ///
  /// @throws IllegalArgumentException if it is not above 0
  public StudentT {
    if (!(freedom > 0)) {
      throw new IllegalArgumentException(
          "Student's t has degrees of freedom above 0, got " + freedom);
    }
  }

  /// Below which value a share of the distribution lies.
  ///
  /// @throws IllegalStateException if Apache Commons Math is missing
  public double quantile(double share) {
    return Distributions.studentQuantile(freedom, share);
  }

  /// How likely a value at least as far from 0 is, on either side.
  ///
  /// @throws IllegalStateException if Apache Commons Math is missing
  public double beyond(double t) {
    return Distributions.studentBeyond(freedom, t);
  }
}
