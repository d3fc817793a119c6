package dev.quintet.core.tensor;

import dev.quintet.core.backend.RunState;
import java.util.Optional;

/// How a cross entropy counts.
///
/// @param ignore the label that does not count
/// @param smoothing label smoothing, from 0 to below 1: (1 - e) nll + e mean(-log p)
/// @param zLoss the factor of each row's log²Z, which is added to its loss and keeps the logits from drifting (Chowdhery et
///     al., arXiv 2204.02311, section 5); 0 for none, 1e-4 by custom
/// @param normalizer what the sum of the rows' losses is divided by; 0 for the number of labels that
///     count here. Accumulated batches give the number in the whole batch.
/// @param state where one over the normalizer stands in device memory instead, if it does
/// @param order where the rows stand among those of a padded batch, if they are some of them
public record CrossEntropyOptions(
    int ignore,
    float smoothing,
    float zLoss,
    double normalizer,
    Optional<RunState> state,
    Optional<Order> order) {
  /// The mean over labels other than -100.
  public static final CrossEntropyOptions MEAN =
      new CrossEntropyOptions(-100, 0, 0, 0, Optional.empty(), Optional.empty());

  /// Where rows stand among others that do not count, so that their losses are added up as they would be with these.
  ///
  /// @param places int32 `[rows]`, rising
  /// @param of how many rows there are with the others
  public record Order(Tensor places, int of) {}

  /// Options without an order.
  public CrossEntropyOptions(
      int ignore, float smoothing, float zLoss, double normalizer, Optional<RunState> state) {
    this(ignore, smoothing, zLoss, normalizer, state, Optional.empty());
  }

  /// Checks the values.
  ///
  /// @throws IllegalArgumentException if smoothing is not from 0 to below 1, or z-loss or the normalizer is negative
  public CrossEntropyOptions {
    if (!(smoothing >= 0 && smoothing < 1)
        || !(zLoss >= 0 && zLoss < Float.POSITIVE_INFINITY)
        || !(normalizer >= 0)) {
      throw new IllegalArgumentException(
          "label smoothing is from 0 to below 1, and neither z-loss nor a normalizer is negative: "
              + smoothing
              + ", "
              + zLoss
              + ", "
              + normalizer);
    }
  }

  /// These options with label smoothing.
  public CrossEntropyOptions withSmoothing(float share) {
    return new CrossEntropyOptions(ignore, share, zLoss, normalizer, state, order);
  }

  /// These options with a z-loss.
  public CrossEntropyOptions withZLoss(float factor) {
    return new CrossEntropyOptions(ignore, smoothing, factor, normalizer, state, order);
  }

  /// These options with a divisor of the summed loss.
  public CrossEntropyOptions withNormalizer(double labels) {
    return new CrossEntropyOptions(ignore, smoothing, zLoss, labels, Optional.empty(), order);
  }

  /// These options with a divisor that stands in device memory when a kernel runs.
  public CrossEntropyOptions withNormalizer(RunState run) {
    return new CrossEntropyOptions(ignore, smoothing, zLoss, normalizer, Optional.of(run), order);
  }

  /// These options for rows that are some of a padded batch's.
  public CrossEntropyOptions withOrder(Order among) {
    return new CrossEntropyOptions(ignore, smoothing, zLoss, normalizer, state, Optional.of(among));
  }
}
