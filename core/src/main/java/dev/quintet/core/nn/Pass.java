package dev.quintet.core.nn;

import dev.quintet.core.backend.DropoutMask;

/// One run of a model over a batch: inference, or training with the counters that dropout is drawn from.
///
/// @param training whether dropout drops
/// @param seed the run's seed
/// @param step the optimizer step
/// @param firstRow the row of the whole accumulated batch that row 0 of this batch is
public record Pass(boolean training, long seed, long step, long firstRow) {
  private static final Pass INFERENCE = new Pass(false, 0, 0, 0);

  /// A run in which nothing is dropped.
  public static Pass inference() {
    return INFERENCE;
  }

  /// A run in which dropout drops, as a function of these numbers and of each element's place alone.
  ///
  /// @param seed the run's seed
  /// @param step the optimizer step
  /// @param firstRow the row of the whole accumulated batch that row 0 of this batch is
  public static Pass training(long seed, long step, long firstRow) {
    return new Pass(true, seed, step, firstRow);
  }

  /// What is dropped at a site in this run.
  ///
  /// @param probability how likely an element is dropped, from 0 to below 1
  /// @param site the place, from [dev.quintet.core.random.Site]
  public DropoutMask mask(float probability, long site) {
    return training && probability > 0
        ? new DropoutMask(probability, seed, step, site, firstRow)
        : DropoutMask.NONE;
  }
}
