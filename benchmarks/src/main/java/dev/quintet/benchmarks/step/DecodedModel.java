package dev.quintet.benchmarks.step;

import dev.quintet.benchmarks.peer.NativeFiles;
import dev.quintet.benchmarks.peer.OnnxT5;
import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Precision;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.checkpoint.LoadOptions;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.models.t5.T5ConfigFile;
import java.nio.file.Files;
import java.nio.file.Path;

/// The model that [GreedyBenchmark] decodes: that of the peers' exports where they are given, else a T5-small of random weights.
final class DecodedModel {
  private DecodedModel() {}

  /// Its sizes, without its weights.
  static T5Config config() {
    return OnnxT5.model()
        .map(folder ->
            T5ConfigFile.of(JsonObject.read(folder.resolve("config.json"))).withoutWeights())
        .orElseGet(T5Config::small);
  }

  /// Brings it into memory.
  ///
  /// @param weights how they are stored
  static T5 open(Precision weights) {
    if (OnnxT5.model().isPresent()) {
      return load(OnnxT5.model().get(), weights);
    }
    if (weights == Precision.F32) {
      return random();
    }
    Path folder = NativeFiles.folder("random-t5");
    try {
      Path saved = folder.resolve("model");
      if (!Files.exists(saved)) {
        try (T5 model = random()) {
          Checkpoint.save(model, saved);
        }
      }
      return load(saved, weights);
    } finally {
      if (!NativeFiles.areShared()) {
        AtomicDirectory.delete(folder);
      }
    }
  }

  private static T5 random() {
    return T5.create(T5Config.small(), 1, Device.cpu());
  }

  private static T5 load(Path folder, Precision weights) {
    return Checkpoint.load(folder, LoadOptions.DEFAULT.withPrecision(weights));
  }
}
