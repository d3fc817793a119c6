package dev.quintet.models.checkpoint;

import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.SafetensorsType;
import dev.quintet.core.io.SafetensorsWriter;
import dev.quintet.core.io.TensorData;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.models.t5.T5ConfigFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;

/// Model folders in Hugging Face's layout, read and written.
///
/// Reading is strict about what is computed and liberal about how it was stored: a tensor that is missing,
/// misshapen or unexpected is named, whereas float types, shards, the aliases of the embedding and both
/// meanings of `tie_word_embeddings` are understood. What is written, transformers 4 and 5 read alike.
public final class Checkpoint {
  static final String CONFIG = "config.json";
  static final String GENERATION = "generation_config.json";

  private Checkpoint() {}

  /// Loads a model into the processor's memory.
  ///
  /// @throws CheckpointException if a tensor is missing, misshapen or unexpected
  /// @throws dev.quintet.core.io.MalformedFileException if a file breaks its format's rules
  /// @throws IllegalArgumentException if a key of `config.json` has a value that cannot be
  /// @throws UncheckedIOException if a file cannot be read
  public static T5 load(Path folder) {
    return load(folder, Device.cpu());
  }

  /// Loads a model into a device's memory.
  ///
  /// @throws CheckpointException if a tensor is missing, misshapen or unexpected
  /// @throws dev.quintet.core.io.MalformedFileException if a file breaks its format's rules
  /// @throws IllegalArgumentException if a key of `config.json` has a value that cannot be
  /// @throws UncheckedIOException if a file cannot be read
  public static T5 load(Path folder, Device device) {
    if (!Files.isRegularFile(folder.resolve(CONFIG))) {
      throw new CheckpointException(folder + " is no model folder: it has no " + CONFIG);
    }
    T5ConfigFile file = T5ConfigFile.of(JsonObject.read(folder.resolve(CONFIG)));
    try (var files = WeightFiles.open(folder)) {
      var weights = new T5Weights(folder, files, device);
      T5Config config = file.withWeights(weights.hasOwnHead());
      var model = new T5(config, weights);
      boolean whole = false;
      try {
        weights.checkAllUsed();
        whole = true;
        return model;
      } finally {
        if (!whole) {
          model.close();
        }
      }
    }
  }

  /// The generation defaults of a folder; those of its `config.json` where it has no `generation_config.json`.
  ///
  /// @throws dev.quintet.core.io.MalformedFileException if a file breaks its format's rules
  public static GenerationConfig generation(Path folder, T5Config config) {
    Path file = folder.resolve(GENERATION);
    GenerationConfig defaults = GenerationConfig.of(config);
    return Files.exists(file) ? defaults.with(JsonObject.read(file)) : defaults;
  }

  /// Writes a model; the folder is made where it is missing. Each file appears whole or not at all.
  ///
  /// @throws UncheckedIOException if a file cannot be written
  public static void save(T5 model, Path folder) {
    save(model, GenerationConfig.of(model.config()), folder);
  }

  /// Writes a model and its generation defaults.
  ///
  /// @throws UncheckedIOException if a file cannot be written
  public static void save(T5 model, GenerationConfig generation, Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make the folder " + folder + ": " + e, e);
    }
    AtomicFile.write(folder.resolve(CONFIG), T5ConfigFile.write(model.config()).toString());
    AtomicFile.write(folder.resolve(GENERATION), generation.toJson().toString());
    var tensors = new TreeMap<String, TensorData>();
    try (var arena = Arena.ofConfined()) {
      model.parameters().forEach((name, parameter) -> tensors.put(name, data(parameter, arena)));
      SafetensorsWriter.write(folder.resolve(WeightFiles.SINGLE), tensors);
    }
  }

  private static TensorData data(Parameter parameter, Arena arena) {
    long bytes = 4 * parameter.elements();
    MemorySegment copy = arena.allocate(bytes, 64);
    parameter.backend().memory().read(parameter.address(), copy, bytes);
    return new TensorData(SafetensorsType.F32, parameter.shape(), copy);
  }
}
