package dev.quintet.trainer.loop;

import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.nn.Module;
import dev.quintet.core.shape.DType;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.adapt.AdapterFolder;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.checkpoint.LoadOptions;
import dev.quintet.models.t5.T5Family;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Weights of a model folder, put into a model that is in use, and its own put back.
final class SavedWeights {
  static final String ADDED = "added.safetensors";

  private SavedWeights() {}

  /// Fills a model with the weights of a folder that was saved from it.
  ///
  /// @throws OtherRunException if the folder lacks one of its parameters
  static void into(Path folder, Module module) {
    if (AdapterFolder.holdsAdapter(folder)) {
      throw new OtherRunException(
          folder
              + " holds an adapter, not a model: train an adapter of its kind, or merge it with its base first (convert --merge)");
    }
    Map<String, Parameter> parameters = module.parameters();
    var left = new LinkedHashMap<>(parameters);
    Path added = folder.resolve(ADDED);
    if (Files.exists(added)) {
      try (SafetensorsFile opened = SafetensorsFile.open(added);
          Arena arena = Arena.ofShared()) {
        for (String name : opened.names()) {
          Optional.ofNullable(left.remove(name))
              .ifPresent(parameter -> {
                MemorySegment copy = arena.allocate(DType.F32.bytes(parameter.elements()), 64);
                opened.readFloats(name, copy);
                parameter.set(copy);
              });
        }
      }
    }
    try (T5Family saved = Checkpoint.loadAny(folder, LoadOptions.DEFAULT)) {
      Map<String, Parameter> from = saved.parameters();
      left.forEach((name, parameter) -> {
        Parameter other = from.get(name);
        if (other == null || !other.shape().equals(parameter.shape())) {
          throw new OtherRunException(
              folder + " holds no parameter " + name + " of shape " + parameter.shape());
        }
        parameter.set(other.toFloats());
      });
    }
  }

  /// Does something with the weights that `fill` puts into what a learner trains, and puts its own back.
  static void swapped(Learner learner, Runnable fill, Runnable work) {
    try (Arena arena = Arena.ofShared()) {
      var own = new LinkedHashMap<Parameter, MemorySegment>();
      learner
          .parameters()
          .values()
          .forEach(parameter -> own.put(parameter, kept(parameter, arena)));
      learner.state().values().forEach(tensor -> own.put(tensor, kept(tensor, arena)));
      try {
        fill.run();
        work.run();
      } finally {
        own.forEach(SavedWeights::put);
      }
    }
  }

  private static MemorySegment kept(Parameter parameter, Arena arena) {
    MemorySegment copy = arena.allocate(parameter.storage().bytes(), 64);
    parameter.copyTo(copy);
    return copy;
  }

  /// Puts back bytes as they were, whatever the type.
  private static void put(Parameter parameter, MemorySegment bytes) {
    parameter.backend().memory().write(bytes, parameter.address(), bytes.byteSize());
    parameter.storage().changed();
  }
}
