package dev.quintet.trainer.loop;

import dev.quintet.core.instrument.Dry;
import dev.quintet.core.shape.DType;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.trainer.data.Batch;

/// [SteadySteps] of a model of any size on a device that computes nothing: what they would ask of a real one, in a moment
/// and in no memory.
public final class StepWalk implements AutoCloseable {
  private final Dry dry = Dry.open();
  private final T5 model;
  private final SteadySteps steps;

  /// A model without values.
  ///
  /// @param type of its parameters
  public StepWalk(T5Config config, DType type) {
    model = new T5(config, (_, shape) -> Parameter.empty(shape, type, dry.device()));
    steps = new SteadySteps(model, false);
  }

  /// Takes a step of rows without padding. The first one makes gradients and moments, and asks for more than those after
  /// it.
  ///
  /// @param rows B
  /// @param source S
  /// @param target T
  /// @return what it asked for
  public Dry.Counts step(int rows, int source, int target) {
    return step(steps.batch(rows, source, target));
  }

  /// Takes a step of a batch.
  ///
  /// @return what it asked for
  public Dry.Counts step(Batch batch) {
    dry.reset();
    var _ = steps.step(batch);
    return dry.counts();
  }

  @Override
  public void close() {
    steps.close();
    model.close();
  }
}
