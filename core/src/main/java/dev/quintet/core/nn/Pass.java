package dev.quintet.core.nn;

import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.RunState;
import dev.quintet.core.tensor.Tensor;
import java.util.Optional;

/// One run of a model over a batch: inference, or training with the counters that dropout is drawn from.
///
/// @param training whether dropout drops
/// @param seed the run's seed
/// @param step the optimizer step
/// @param firstRow the row of the whole accumulated batch that row 0 of this batch is
/// @param state where kernels find these three in device memory, if they are to look there
/// @param places address of int32 `[tokens, 2]`, row and position of each token, where tokens lie without padding; or 0
public record Pass(
    boolean training, long seed, long step, long firstRow, Optional<RunState> state, long places) {
  private static final Pass INFERENCE = new Pass(false, 0, 0, 0, Optional.empty(), 0);

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
    return new Pass(true, seed, step, firstRow, Optional.empty(), 0);
  }

  /// This run with kernels that read its numbers from device memory, where they stand when a kernel runs.
  public Pass with(RunState block) {
    return new Pass(training, seed, step, firstRow, Optional.of(block), places);
  }

  /// This run over tokens that lie without padding: they drop what they would in their places.
  ///
  /// @param table int32 `[tokens, 2]`, row and position of each; the caller [holds][dev.quintet.core.tensor.Scope#hold] it
  public Pass over(Tensor table) {
    return new Pass(training, seed, step, firstRow, state, table.address());
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
        ? new DropoutMask(probability, 0, 0, site, 0, state.get().address(), places)
        : new DropoutMask(probability, seed, step, site, firstRow, 0, places);
  }
}
