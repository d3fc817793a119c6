package dev.quintet.models.checkpoint;

import dev.quintet.core.nn.ParameterNames;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.Architecture;
import dev.quintet.models.t5.T5Config;
import dev.quintet.models.t5.T5ConfigFile;
import dev.quintet.models.t5.T5Family;
import dev.quintet.models.t5.TaskHead;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;

/// A model folder that is open: its configuration, its weights, and what they make.
///
/// @param config `config.json`
/// @param weights the tensors
/// @param options how to load
record Folder(T5ConfigFile config, Weights weights, LoadOptions options) implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Checkpoint.class.getName());

  static Folder open(Path folder, LoadOptions options) {
    Path config = folder.resolve(Checkpoint.CONFIG);
    Checkpoint.check(folder);
    T5ConfigFile file = T5ConfigFile.of(JsonObject.read(config));
    if (Files.exists(folder.resolve(Checkpoint.ADDED))) {
      LOG.log(
          Level.WARNING,
          folder.resolve(Checkpoint.ADDED)
              + " holds parameters of parts that were added to the model and are not loaded with it: put"
              + " the parts in their places with Module.replace, and read them with Module.load");
    }
    return new Folder(file, Weights.open(folder, options.pickle()), options);
  }

  /// What it holds.
  Architecture architecture() {
    return config.architecture(weights.names());
  }

  /// `t5`, `mt5` or `umt5`.
  String modelType() {
    return config.withoutWeights().modelType();
  }

  /// The parameters' names, of a model whose parameters have one element each.
  ParameterNames names() {
    Architecture architecture = architecture();
    var source = new T5Weights(weights, options);
    T5Config sizes =
        config
            .withWeights(source.hasOwnHead(config.separate()))
            .withOwnTables(
                architecture.hasDecoder() && !config.separate() && source.hasOwnTables());
    try (T5Family stand =
        architecture.build(
            sizes,
            TaskHead.DEFAULT,
            (name, shape) -> {
              if (source.find(name).isEmpty()) {
                throw new CheckpointException(
                    weights.place()
                        + ": the weights lack "
                        + name
                        + ", which config.json asks for");
              }
              return Parameter.empty(Shape.of(1), Device.cpu());
            })) {
      return stand.names();
    }
  }

  /// Makes a model of the weights, of which all must belong to it, or at least to what it is a part of.
  T5Family build(Architecture architecture) {
    var source = new T5Weights(weights, options);
    boolean generates = architecture == Architecture.GENERATION;
    boolean ownTables = !config.separate() && source.hasOwnTables();
    T5Config sizes =
        generates
            ? config.withWeights(source.hasOwnHead(config.separate())).withOwnTables(ownTables)
            : config.withoutWeights();
    if (ownTables && !generates) {
      throw new CheckpointException(
          weights.place()
              + ": the encoder or the decoder has an embedding of its own, other than shared.weight, which only a model that"
              + " writes can have here: load it with Checkpoint.load");
    }
    TaskHead head = architecture.hasTaskHead() ? config.task() : TaskHead.DEFAULT;
    T5Family model = architecture.build(sizes, head, source);
    boolean whole = false;
    try {
      if (!architecture.hasTaskHead()) {
        source.ignore(T5Weights.HEAD, T5Weights.HEAD + SmallTensor.SCALE);
      }
      if (!architecture.hasDecoder()) {
        source.ignoreDecoder();
      }
      source.checkAllUsed();
      source.watch(model);
      model.origin(weights.place().toString());
      whole = true;
      return model;
    } finally {
      if (!whole) {
        model.close();
      }
    }
  }

  @Override
  public void close() {
    weights.close();
  }
}
