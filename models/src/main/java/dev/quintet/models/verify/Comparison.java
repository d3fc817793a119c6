package dev.quintet.models.verify;

/// One line of a report: a quantity, how far off it is, and how far it may be.
///
/// @param quantity what was compared
/// @param absolute the largest absolute difference
/// @param relative that difference over the largest magnitude recorded
/// @param tolerance the largest relative difference that passes
/// @param outcome the verdict
public record Comparison(
    String quantity, double absolute, double relative, double tolerance, Outcome outcome) {

  /// Compares elements, all of them.
  ///
  /// @throws IllegalArgumentException if their numbers differ
  public static Comparison of(String quantity, float[] expected, float[] actual, double tolerance) {
    return of(quantity, expected, actual, i -> true, tolerance);
  }

  /// Compares the elements that count.
  ///
  /// @param counts whether the element of an index counts, both for differences and for the magnitude
  /// @throws IllegalArgumentException if their numbers differ
  public static Comparison of(
      String quantity,
      float[] expected,
      float[] actual,
      java.util.function.IntPredicate counts,
      double tolerance) {
    if (expected.length != actual.length) {
      throw new IllegalArgumentException(
          quantity + ": " + expected.length + " values recorded, " + actual.length + " computed");
    }
    double difference = 0;
    double magnitude = 0;
    for (int i = 0; i < expected.length; i++) {
      if (counts.test(i)) {
        // Math.max hands NaN on, so that it fails below.
        difference = Math.max(difference, Math.abs((double) expected[i] - actual[i]));
        magnitude = Math.max(magnitude, Math.abs((double) expected[i]));
      }
    }
    return of(quantity, difference, magnitude, tolerance);
  }

  /// Judges a difference.
  public static Comparison of(
      String quantity, double difference, double magnitude, double tolerance) {
    double relative = difference == 0 ? 0 : difference / magnitude;
    // A comparison with NaN is false, and fails.
    Outcome outcome = relative <= tolerance ? Outcome.PASS : Outcome.FAIL;
    return new Comparison(quantity, difference, relative, tolerance, outcome);
  }

  /// Something that must be identical, without a number of its own.
  public static Comparison exact(String quantity, boolean equal) {
    return new Comparison(
        quantity,
        equal ? 0 : Double.NaN,
        equal ? 0 : Double.NaN,
        0,
        equal ? Outcome.PASS : Outcome.FAIL);
  }

  /// Something recorded that cannot be computed yet.
  public static Comparison unsupported(String quantity) {
    return new Comparison(quantity, Double.NaN, Double.NaN, Double.NaN, Outcome.UNSUPPORTED);
  }

  /// Something that a recording of this kind may have and this one has not: nothing was compared.
  public static Comparison notRecorded(String quantity) {
    return new Comparison(quantity, Double.NaN, Double.NaN, Double.NaN, Outcome.NOT_RECORDED);
  }

  /// This comparison under another name.
  public Comparison named(String name) {
    return new Comparison(name, absolute, relative, tolerance, outcome);
  }
}
