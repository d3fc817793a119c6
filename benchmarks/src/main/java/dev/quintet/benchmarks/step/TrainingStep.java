package dev.quintet.benchmarks.step;

import dev.quintet.core.backend.Backends;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.t5.T5;
import dev.quintet.trainer.data.Batch;
import dev.quintet.trainer.optim.AdamW;
import dev.quintet.trainer.optim.GradientClip;
import dev.quintet.trainer.optim.UpdateRule;
import java.util.Map;

/// Training steps on random weights and one random batch, each as [dev.quintet.trainer.loop.TrainingLoop] takes it:
/// loss, backward, clipping by the global norm, AdamW.
public final class TrainingStep implements AutoCloseable {
  private static final long SEED = 1;
  private static final double RATE = 1e-4;
  private static final double LARGEST_NORM = 1;
  private static final UpdateRule RULE = UpdateRule.decay(0.01);

  private final Device device = Device.cpu();
  private final Batch batch;
  private final T5 model;
  private final Map<String, Parameter> parameters;
  private final AdamW optimizer = new AdamW(AdamW.Options.DEFAULT);
  private final GradientClip clip = new GradientClip(Backends.of(device));
  private long step;

  /// A model and a batch of this size.
  public TrainingStep(StepSize size) {
    batch = size.batch();
    model = T5.create(size.config(), SEED, device);
    parameters = model.parameters();
  }

  /// Takes a step.
  ///
  /// @return the loss before it
  public float run() {
    float loss;
    try (var _ = Scope.open(device)) {
      Tensor mean = loss(Pass.training(SEED, step++, 0));
      loss = mean.item();
      mean.backward();
    }
    clip.measure(parameters.values(), LARGEST_NORM);
    if (!Float.isFinite(clip.norm())) {
      throw new IllegalStateException(
          "step " + step + ": the gradient's norm is " + clip.norm() + ", nothing to measure");
    }
    parameters.forEach((name, parameter) ->
        optimizer.update(name, parameter, RATE, RULE.decay(name), clip.scale()));
    model.zeroGradients();
    return loss;
  }

  private Tensor loss(Pass pass) {
    Shape sources = Shape.of(batch.rows(), batch.sourceLength());
    Tensor ids = Tensor.ofInts(sources, batch.inputIds());
    Tensor mask = Tensor.ofInts(sources, batch.attentionMask());
    Tensor labels = Tensor.ofInts(Shape.of(batch.rows(), batch.targetLength()), batch.labels());
    return Scope.local(() -> model.loss(ids, mask, labels, pass, CrossEntropyOptions.MEAN).loss());
  }

  @Override
  public void close() {
    optimizer.close();
    clip.close();
    model.close();
  }
}
