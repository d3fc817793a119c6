package dev.quintet.app.measure;

import dev.quintet.app.estimate.ModelSize;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.RunState;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.trainer.data.Batch;
import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.optim.AdamW;
import dev.quintet.trainer.optim.UpdateRule;
import dev.quintet.trainer.optim.Updates;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Whole training steps of T5 v1.1 in bfloat16 with AdamW, 48 rows of 512 and 128 tokens.
final class StepPart {
  private static final Device DEVICE = Device.cuda(0);

  private StepPart() {}

  static Map<String, Object> run(Part.Setting setting) {
    var figures = new LinkedHashMap<String, Object>();
    if (setting.toy()) {
      T5Config toy =
          T5Config.small().withVocabSize(384).withWidths(64, 16, 4, 128).withLayers(1, 1).v11();
      figures.put("toy", step(toy, 4, 16, 8, 3));
      return figures;
    }
    for (ModelSize size : ModelSize.values()) {
      figures.put(size.name().toLowerCase(Locale.ROOT), step(size.config(true), 48, 512, 128, 10));
      setting.soFar().accept(figures);
    }
    return figures;
  }

  private static Map<String, Object> step(
      T5Config config, int rows, int source, int target, int steps) {
    var example = new Example(ids(config, source), ids(config, target));
    Batch batch = Batch.of(Collections.nCopies(rows, example), 0, config.padId());
    double[] seconds = new double[steps];
    float loss = 0;
    T5 model = new T5(config, (_, shape) -> parameter(shape));
    try (model;
        AdamW optimizer = new AdamW(AdamW.Options.DEFAULT);
        var updates = new Updates(model.parameters(), optimizer, UpdateRule.decay(0.01), 1)) {
      for (int i = -2; i < steps; i++) {
        long start = System.nanoTime();
        loss = step(model, batch, updates, i + 2);
        if (i >= 0) {
          seconds[i] = (System.nanoTime() - start) / 1e9;
        }
      }
    }
    Arrays.sort(seconds);
    double median = seconds[steps / 2];
    var figures = new LinkedHashMap<String, Object>();
    figures.put("rows", rows);
    figures.put("milliseconds", median * 1e3);
    figures.put("tokens_per_second", rows * (source + target) / median);
    figures.put("loss", loss);
    return figures;
  }

  private static float step(T5 model, Batch batch, Updates updates, long step) {
    try (var _ = Scope.open(DEVICE)) {
      var inputs = new RunState.Inputs(1, step, 0, 1e-4, 1);
      Batch.Uploaded rows =
          batch.upload(model.config().startId(), inputs, Optional.of(updates.state())).uploaded(0);
      Tensor mean =
          Scope.local(() ->
              model
                  .loss(
                      rows.inputIds(),
                      rows.attentionMask(),
                      rows.decoderIds(),
                      rows.labels(),
                      Pass.training(1, step, 0),
                      CrossEntropyOptions.MEAN)
                  .loss());
      updates.add(mean);
      mean.backward();
    }
    RunState.Outcome outcome = updates.apply().outcome();
    model.zeroGradients();
    return (float) outcome.loss();
  }

  /// Weights such as T5 begins with: of vectors 1, of matrices normal.
  private static Parameter parameter(Shape shape) {
    Parameter narrow = Parameter.empty(shape, DType.BF16, DEVICE);
    try (Parameter wide =
        shape.rank() == 1
            ? Parameter.full(shape, 1, DEVICE)
            : Parameter.normal(shape, 1 / Math.sqrt(shape.width()), 1, DEVICE)) {
      Backends.of(DEVICE)
          .layout()
          .cast(DType.F32, DType.BF16, wide.address(), narrow.address(), shape.elements());
    }
    return narrow;
  }

  private static int[] ids(T5Config config, int count) {
    int[] ids = new int[count];
    for (int i = 0; i < count; i++) {
      ids[i] = 2 + (int) (i * 2654435761L % (config.vocabSize() - 2));
    }
    return ids;
  }
}
