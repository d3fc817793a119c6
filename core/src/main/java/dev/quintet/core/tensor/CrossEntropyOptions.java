package dev.quintet.core.tensor;

/// How a cross entropy counts.
///
/// @param ignore the label that does not count
/// @param smoothing label smoothing, from 0 to below 1: (1 - e) nll + e mean(-log p)
/// @param normalizer what the sum of the rows' losses is divided by; 0 for the number of labels that
///     count here. Accumulated batches give the number in the whole batch.
public record CrossEntropyOptions(int ignore, float smoothing, double normalizer) {
  /// The mean over labels other than -100.
  public static final CrossEntropyOptions MEAN = new CrossEntropyOptions(-100, 0, 0);

  /// Checks the values.
  ///
  /// @throws IllegalArgumentException if smoothing is not from 0 to below 1 or the normalizer is
  ///     negative
  public CrossEntropyOptions {
    if (!(smoothing >= 0 && smoothing < 1) || !(normalizer >= 0)) {
      throw new IllegalArgumentException(
          "label smoothing is from 0 to below 1 and a normalizer is not negative: "
              + smoothing
              + ", "
              + normalizer);
    }
  }

  /// These options with label smoothing.
  public CrossEntropyOptions withSmoothing(float share) {
    return new CrossEntropyOptions(ignore, share, normalizer);
  }

  /// These options with a divisor of the summed loss.
  public CrossEntropyOptions withNormalizer(double labels) {
    return new CrossEntropyOptions(ignore, smoothing, labels);
  }
}
