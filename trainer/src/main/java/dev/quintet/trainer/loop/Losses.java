package dev.quintet.trainer.loop;

import dev.quintet.core.tensor.CrossEntropyOptions;

/// What a training's loss has beside the cross entropy of its labels; the loss of an evaluation is without, so that runs compare.
///
/// @param smoothing label smoothing e, from 0 to below 1: (1 - e) nll + e mean(-log p)
/// @param zLoss what each label's log²Z is multiplied by and added; 0 for none
public record Losses(double smoothing, double zLoss) {
  /// Nothing.
  public static final Losses PLAIN = new Losses(0, 0);

  /// Checks the numbers.
  ///
  /// @throws IllegalArgumentException if one is out of range
  public Losses {
    var _ = CrossEntropyOptions.MEAN.withSmoothing((float) smoothing).withZLoss((float) zLoss);
  }

  /// The options of a cross entropy.
  ///
  /// @param training whether this is training
  public CrossEntropyOptions options(boolean training) {
    return training
        ? CrossEntropyOptions.MEAN.withSmoothing((float) smoothing).withZLoss((float) zLoss)
        : CrossEntropyOptions.MEAN;
  }
}
