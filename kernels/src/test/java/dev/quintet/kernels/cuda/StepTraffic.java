package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.RunState.Inputs;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.bytes.ByteTokenizer;
import dev.quintet.trainer.data.Batch;
import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.loop.T5Learner;
import dev.quintet.trainer.optim.AdamW;
import dev.quintet.trainer.optim.UpdateRule;
import dev.quintet.trainer.optim.Updates;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Walks a training step of T5-base v1.1 in bfloat16, 48 rows of 512 and 128 tokens, on a stand-in that computes nothing, and
/// prints for each kernel how many bytes its launchers reckon with, what they load again included.
final class StepTraffic {
  private StepTraffic() {}

  public static void main(String... arguments) {
    var backend = (CudaBackend) Backends.of(Device.cuda(0));
    T5Config config = T5Config.small().withWidths(768, 64, 12, 2048).withLayers(12, 12).v11();
    TextToText text =
        TextToText.of(
            new T5(config, (_, shape) -> Parameter.empty(shape, DType.BF16, backend.device())),
            ByteTokenizer.of(ByteTokenizer.Sentinels.AFTER_BYTES));
    var learner = new T5Learner(text);
    int[] source = new int[512];
    int[] target = new int[128];
    Arrays.fill(source, 7);
    Arrays.fill(target, 7);
    Batch batch = Batch.of(Collections.nCopies(48, new Example(source, target)), 0, 0);
    Map<String, Long> before = Map.of();
    try (var optimizer = AdamW.Options.DEFAULT.create();
        var updates =
            new Updates(text.model().parameters(), optimizer, UpdateRule.decay(0.01), 1)) {
      for (int step = 0; step < 2; step++) {
        before = new HashMap<>(backend.cuda().moved());
        try (var _ = Scope.open(backend.device())) {
          var inputs = new Inputs(1, step, 0, 1e-3, 1f / 6144);
          Batch there = batch.upload(0, inputs, Optional.of(updates.state()));
          Pass pass = Pass.training(1, step, 0).with(updates.state());
          Tensor loss = learner.loss(there, pass, 6144);
          updates.add(loss);
          loss.backward();
        }
        var _ = updates.apply();
        learner.module().zeroGradients();
      }
    }
    long sum = 0;
    for (var kernel : new java.util.TreeMap<>(backend.cuda().moved()).entrySet()) {
      long bytes = kernel.getValue() - before.getOrDefault(kernel.getKey(), 0L);
      sum += bytes;
      if (bytes > 0) {
        System.out.printf(Locale.ROOT, "| %s | %.2f GB |%n", kernel.getKey(), bytes / 1e9);
      }
    }
    System.out.printf(Locale.ROOT, "| all | %.1f GB |%n", sum / 1e9);
  }
}
