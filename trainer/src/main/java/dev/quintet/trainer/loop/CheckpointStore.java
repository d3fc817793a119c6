package dev.quintet.trainer.loop;

import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.io.SafetensorsWriter;
import dev.quintet.core.io.TensorData;
import dev.quintet.core.shape.DType;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.trainer.optim.Optimizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The checkpoints of one run: folders `step-N`, each complete or not there.
///
/// A checkpoint holds `model.safetensors` (parameters by name), `optimizer.safetensors` (the moments, such as
/// `NAME.first`), `state.json` and the manifest that proves it whole. The last two are kept. Nothing in it
/// depends on the clock.
final class CheckpointStore {
  private static final String PREFIX = "step-";
  private static final int KEPT = 2;

  private final Path folder;

  CheckpointStore(Path folder) {
    this.folder = folder;
  }

  /// Writes a checkpoint and removes those beyond the last two.
  void write(Map<String, Parameter> parameters, Optimizer optimizer, TrainingState state) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + folder, e);
    }
    AtomicDirectory.clean(folder);
    AtomicDirectory.write(
        folder.resolve(PREFIX + state.step()),
        directory -> {
          writeTensors(directory.resolve("model.safetensors"), parameters);
          writeTensors(directory.resolve("optimizer.safetensors"), optimizer.state());
          AtomicFile.write(directory.resolve("state.json"), StateJson.write(state));
        });
    List<Path> all = AtomicDirectory.numbered(folder, PREFIX);
    for (Path old : all.subList(0, Math.max(0, all.size() - KEPT))) {
      AtomicDirectory.delete(old);
    }
  }

  /// The newest complete checkpoint.
  Optional<Path> newest() {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    AtomicDirectory.clean(folder);
    return AtomicDirectory.newest(folder, PREFIX);
  }

  /// Fills parameters and optimizer from a checkpoint.
  TrainingState read(Path checkpoint, Map<String, Parameter> parameters, Optimizer optimizer) {
    TrainingState state = StateJson.read(checkpoint.resolve("state.json"));
    readTensors(checkpoint.resolve("model.safetensors"), parameters);
    state
        .updates()
        .forEach((name, updates) -> {
          Parameter parameter = parameters.get(name);
          if (parameter == null) {
            throw new OtherRunException(
                checkpoint + " has moments of " + name + ", which this model has not");
          }
          optimizer.restore(name, parameter, updates);
        });
    readTensors(checkpoint.resolve("optimizer.safetensors"), optimizer.state());
    return state;
  }

  /// The state of a checkpoint.
  static TrainingState state(Path checkpoint) {
    return StateJson.read(checkpoint.resolve("state.json"));
  }

  private static void writeTensors(Path file, Map<String, Parameter> tensors) {
    try (Arena arena = Arena.ofConfined()) {
      var data = new LinkedHashMap<String, TensorData>();
      tensors.forEach((name, parameter) -> {
        long bytes = 4 * parameter.elements();
        MemorySegment copy = arena.allocate(bytes, 64);
        parameter.backend().memory().read(parameter.address(), copy, bytes);
        data.put(name, TensorData.of(DType.F32, parameter.shape(), copy));
      });
      SafetensorsWriter.write(file, data);
    }
  }

  private static void readTensors(Path file, Map<String, Parameter> tensors) {
    // shared: large tensors are converted by several threads
    try (SafetensorsFile opened = SafetensorsFile.open(file);
        Arena arena = Arena.ofShared()) {
      if (opened.names().size() != tensors.size()) {
        throw new OtherRunException(
            file + " holds " + opened.names().size() + " tensors, not " + tensors.size());
      }
      tensors.forEach((name, parameter) -> {
        if (!opened.contains(name) || !opened.entry(name).shape().equals(parameter.shape())) {
          throw new OtherRunException(
              file + " has no tensor " + name + " of shape " + parameter.shape());
        }
        long bytes = 4 * parameter.elements();
        MemorySegment copy = arena.allocate(bytes, 64);
        opened.readFloats(name, copy);
        parameter.backend().memory().write(copy, parameter.address(), bytes);
      });
    }
  }
}
