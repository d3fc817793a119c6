package dev.quintet.benchmarks.step;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.app.estimate.Estimate;
import dev.quintet.core.instrument.Cost;
import dev.quintet.core.instrument.Dry;
import dev.quintet.core.instrument.Work;
import dev.quintet.core.shape.DType;
import dev.quintet.trainer.loop.StepWalk;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StepSizeTest {
  /// The formula counts all keys of causal attention, the calls the half that is seen. A device that only counts pads rows, and
  /// the formula does not.
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "T5_SMALL_SPREAD")
  void itsOperationsAreThoseOfTheCallsOfAStep(StepSize size) {
    try (var walk = new StepWalk(size.config(), DType.F32)) {
      Dry.Counts counts = walk.step(size.batch());
      double unseen =
          3
              * counts.costs().stream()
                  .filter(cost -> cost.work() == Work.CAUSAL_ATTENTION)
                  .mapToDouble(Cost::flops)
                  .sum();
      assertEquals(size.flops(), Estimate.modelFlops(counts.costs()) + unseen, 1e-9 * size.flops());
    }
  }
}
