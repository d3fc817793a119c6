package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.Backends;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.trainer.loop.SteadySteps;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Walks a training step of T5-base v1.1 in bfloat16, 48 rows of 512 and 128 tokens, on a stand-in that computes nothing, and
/// prints for each kernel how many bytes its launchers reckon with, what they load again included.
final class StepTraffic {
  private StepTraffic() {}

  public static void main(String... arguments) {
    var backend = (CudaBackend) Backends.of(Device.cuda(0));
    T5Config config = T5Config.small().withWidths(768, 64, 12, 2048).withLayers(12, 12).v11();
    Map<String, Long> before = Map.of();
    try (T5 model =
            new T5(config, (_, shape) -> Parameter.empty(shape, DType.BF16, backend.device()));
        var steps = new SteadySteps(model, false)) {
      for (int step = 0; step < 2; step++) {
        before = new HashMap<>(backend.cuda().moved());
        var _ = steps.step(steps.batch(48, 512, 128));
      }
    }
    long sum = 0;
    for (var kernel : new TreeMap<>(backend.cuda().moved()).entrySet()) {
      long bytes = kernel.getValue() - before.getOrDefault(kernel.getKey(), 0L);
      sum += bytes;
      if (bytes > 0) {
        System.out.printf(Locale.ROOT, "| %s | %.2f GB |%n", kernel.getKey(), bytes / 1e9);
      }
    }
    System.out.printf(Locale.ROOT, "| all | %.1f GB |%n", sum / 1e9);
  }
}
