package dev.quintet.app.cli;

import dev.quintet.core.io.SafetensorsType;
import dev.quintet.core.shape.Precision;
import dev.quintet.models.adapt.Adapter;
import dev.quintet.models.adapt.Adapters;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.checkpoint.Conversion;
import dev.quintet.models.checkpoint.LoadOptions;
import dev.quintet.models.checkpoint.SaveOptions;
import dev.quintet.models.t5.T5;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A plain model of a model and an adapter.
final class MergedModel {
  private static final String NAME = "merged";

  private MergedModel() {}

  /// Writes a folder with the adapter in the weights, and what lies beside the model's.
  static Conversion write(
      Path model, Path adapter, Path target, Conversion.Options options, PrintWriter err) {
    Path around = target.toAbsolutePath().normalize().getParent();
    try {
      Files.createDirectories(around == null ? target : around);
      // The conversion cuts and narrows what is whole here, and makes it appear whole or not at
      // all.
      Path whole = Files.createTempDirectory(around == null ? target : around, ".merge-");
      try {
        save(model, adapter, whole, err);
        for (Path beside : files(model)) {
          Path copy = whole.resolve(String.valueOf(beside.getFileName()));
          if (!Files.exists(copy) && !isWeights(copy)) {
            Files.copy(beside, copy);
          }
        }
        Conversion done = Conversion.run(whole, target, options);
        Conversion.copyTokenizers(model, target);
        return done;
      } finally {
        for (Path file : files(whole)) {
          Files.delete(file);
        }
        Files.delete(whole);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot merge " + adapter + " and " + model + " into " + target + ": " + e, e);
    }
  }

  private static void save(Path model, Path adapter, Path whole, PrintWriter err) {
    LoadOptions wide = LoadOptions.DEFAULT.withPrecision(Precision.F32);
    try (T5 base = Checkpoint.load(model, wide)) {
      Adapter loaded = Adapters.of(base).load(NAME, adapter);
      loaded.notes().forEach(note -> err.println("convert: " + note));
      Adapters.of(base).merge(NAME);
      Checkpoint.save(
          base,
          Checkpoint.generation(model, base.config()),
          whole,
          SaveOptions.DEFAULT.withType(SafetensorsType.F32));
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (var all = Files.list(folder)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  private static boolean isWeights(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.matches(".*\\.(safetensors|bin|index\\.json|h5|msgpack|ot|onnx)");
  }
}
