package dev.quintet.benchmarks.step;

import dev.quintet.core.backend.RunState;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.adapt.Adapters;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.t5.T5;
import dev.quintet.trainer.data.Batch;
import dev.quintet.trainer.optim.AdamW;
import dev.quintet.trainer.optim.UpdateRule;
import dev.quintet.trainer.optim.Updates;
import java.util.Map;
import java.util.Optional;

/// Training steps on random weights and one random batch, each as [dev.quintet.trainer.loop.TrainingLoop] takes it:
/// loss, backward, clipping by the global norm, AdamW.
public final class TrainingStep implements AutoCloseable {
  private static final long SEED = 1;
  private static final double RATE = 1e-4;
  private static final double LARGEST_NORM = 1;
  private static final String ADAPTER = "adapter";

  private final Device device = Device.cpu();
  private final Batch batch;
  private final T5 model;
  private final AdamW optimizer = new AdamW(AdamW.Options.DEFAULT);
  private final Updates updates;
  private long step;

  /// A model and a batch of this size.
  public TrainingStep(StepSize size) {
    batch = size.batch();
    model = T5.create(size.config(), SEED, device);
    updates = updating(model.parameters());
  }

  /// A frozen model of this size, of which an adapter alone trains.
  public TrainingStep(StepSize size, AdapterMethod method) {
    batch = size.batch();
    model = T5.create(size.config(), SEED, device);
    var adapters = Adapters.of(model);
    updates = updating(adapters.add(ADAPTER, method, SEED).parameters());
    adapters.use(ADAPTER);
  }

  private Updates updating(Map<String, Parameter> parameters) {
    return new Updates(parameters, optimizer, UpdateRule.decay(0.01), LARGEST_NORM);
  }

  /// Takes a step.
  ///
  /// @return the loss before it
  public float run() {
    try (var _ = Scope.open(device)) {
      var inputs = new RunState.Inputs(SEED, step, 0, RATE, 1);
      Batch.Uploaded rows =
          batch.upload(model.config().startId(), inputs, Optional.of(updates.state())).uploaded(0);
      Pass pass = Pass.training(SEED, step++, 0);
      Tensor mean =
          Scope.local(() ->
              model.crossEntropy(
                  rows.inputIds(),
                  rows.attentionMask(),
                  rows.decoderIds(),
                  rows.labels(),
                  pass,
                  CrossEntropyOptions.MEAN));
      updates.add(mean);
      mean.backward();
    }
    RunState.Outcome outcome = updates.apply().outcome();
    if (outcome.skipped() > 0) {
      throw new IllegalStateException(
          "step " + step + ": the gradient's norm is " + outcome.norm() + ", nothing to measure");
    }
    model.zeroGradients();
    return (float) outcome.loss();
  }

  @Override
  public void close() {
    optimizer.close();
    updates.close();
    model.close();
  }
}
