package dev.quintet.core.nn;

import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.RunState;
import java.util.Optional;

/// One run of a model over a batch: inference, or training with the counters that dropout is drawn from.
///
/// @param training whether dropout drops
/// @param seed the run's seed
/// @param step the optimizer step
/// @param firstRow the row of the whole accumulated batch that row 0 of this batch is
/// @param state where kernels find these three in device memory, if they are to look there
public record Pass(
    boolean training, long seed, long step, long firstRow, Optional<RunState> state) {
  private static final Pass INFERENCE = new Pass(false, 0, 0, 0, Optional.empty());

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
    return new Pass(true, seed, step, firstRow, Optional.empty());
  }

  /// This run with kernels that read its numbers from device memory, where they stand when a kernel runs.
  public Pass with(RunState block) {
    return new Pass(training, seed, step, firstRow, Optional.of(block));
  }

  /// What is dropped at a site in this run.
  ///
  /// @param probability how likely an element is dropped, from 0 to below 1
  /// @param site the place, from [dev.quintet.core.random.Site]
  public DropoutMask mask(float probability, long site) {
    if (!training || !(probability > 0)) {
      return DropoutMask.NONE;
    }
    return state.isPresent()
        ? new DropoutMask(probability, 0, 0, site, 0, state.get().address(), 0)
        : new DropoutMask(probability, seed, step, site, firstRow);
  }
}
