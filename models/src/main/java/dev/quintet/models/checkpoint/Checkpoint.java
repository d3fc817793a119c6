package dev.quintet.models.checkpoint;

import dev.quintet.core.io.AtomicFiles;
import dev.quintet.core.io.TensorSpec;
import dev.quintet.core.nn.ParameterFile;
import dev.quintet.core.nn.ParameterNames;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.hub.Hub;
import dev.quintet.models.hub.HubSettings;
import dev.quintet.models.hub.PullRequest;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.Architecture;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.models.t5.T5ConfigFile;
import dev.quintet.models.t5.T5Encoder;
import dev.quintet.models.t5.T5Family;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Model folders in Hugging Face's layout, read and written.
///
/// Reading is strict about what is computed and liberal about how it was stored: a tensor that is missing,
/// misshapen or unexpected is named, whereas float types, shards, the aliases of the embedding and both
/// meanings of `tie_word_embeddings` are understood. What is written, transformers 4 and 5 read alike.
public final class Checkpoint {
  static final String CONFIG = "config.json";
  static final String GENERATION = "generation_config.json";
  static final String ADDED = "added.safetensors";

  private Checkpoint() {}

  /// Loads a model that generates text onto the processor.
  ///
  /// @throws CheckpointException if a tensor is missing, misshapen or unexpected, or the folder holds another architecture
  /// @throws dev.quintet.core.io.MalformedFileException if a file breaks its format's rules
  /// @throws IllegalArgumentException if a key of `config.json` has a value that cannot be
  /// @throws UncheckedIOException if a file cannot be read
  public static T5 load(Path folder) {
    return load(folder, LoadOptions.DEFAULT);
  }

  /// Loads a model that generates text onto a device; see [#load(Path)].
  public static T5 load(Path folder, Device device) {
    return load(folder, LoadOptions.DEFAULT.withDevice(device));
  }

  /// Loads a model that generates text; stacks without a head get the embedding for one, as in transformers.
  ///
  /// On the processor F32 weights are used where the mapped file has them; the system copies a page when training first
  /// writes to it, and the file never changes. So the file may be replaced by renaming another, or deleted, while the model
  /// lives; but not overwritten in place, as `cp` does: where the system shows that (by size, time and a sample of the
  /// contents), computing ends with a [CheckpointException] that names the file. With [LoadOptions#withCopy] the file does
  /// not matter any more once the model is loaded.
  /// Other types are converted straight into their final memory.
  ///
  /// @throws CheckpointException if a tensor is missing, misshapen or unexpected, or the folder holds another architecture
  /// @throws dev.quintet.core.io.MalformedFileException if a file breaks its format's rules
  /// @throws IllegalArgumentException if a key of `config.json` has a value that cannot be
  /// @throws UncheckedIOException if a file cannot be read
  public static T5 load(Path folder, LoadOptions options) {
    try (var opened = Folder.open(folder, options)) {
      return switch (opened.architecture()) {
        case GENERATION, ENCODER_DECODER -> (T5) opened.build(Architecture.GENERATION);
        case ENCODER, SEQUENCE_CLASSIFICATION, TOKEN_CLASSIFICATION, QUESTION_ANSWERING ->
            throw new CheckpointException(
                folder
                    + " holds a "
                    + opened.architecture().className(opened.modelType())
                    + ", which generates no text: load it with Checkpoint.loadAny");
      };
    }
  }

  /// Loads whatever model of the T5 family a folder holds, as its configuration and its tensors say.
  ///
  /// @throws CheckpointException if a tensor is missing, misshapen or unexpected, or the folder holds another architecture
  /// @throws dev.quintet.core.io.MalformedFileException if a file breaks its format's rules
  /// @throws IllegalArgumentException if a key of `config.json` has a value that cannot be
  /// @throws UncheckedIOException if a file cannot be read
  public static T5Family loadAny(Path folder, LoadOptions options) {
    try (var opened = Folder.open(folder, options)) {
      return opened.build(opened.architecture());
    }
  }

  /// Loads the encoder alone, also of a folder that holds more.
  ///
  /// @throws CheckpointException if a tensor is missing, misshapen or unexpected, or the folder holds another architecture
  /// @throws dev.quintet.core.io.MalformedFileException if a file breaks its format's rules
  /// @throws IllegalArgumentException if a key of `config.json` has a value that cannot be
  /// @throws UncheckedIOException if a file cannot be read
  public static T5Encoder loadEncoder(Path folder, LoadOptions options) {
    try (var opened = Folder.open(folder, options)) {
      return (T5Encoder) opened.build(Architecture.ENCODER);
    }
  }

  /// Looks whether a folder is one of a model, by its configuration alone.
  ///
  /// @throws CheckpointException that says what it is instead, and what to do
  public static void check(Path folder) {
    if (!Files.exists(FolderContents.plain(folder.resolve(CONFIG)))) {
      throw FolderContents.noModel(folder, "it has no " + CONFIG);
    }
  }

  /// Fetches a model from Hugging Face's hub, or the one that `HF_ENDPOINT` names, into Hugging Face's cache, and says where
  /// it is. Nothing is ever fetched but by this call; [Hub] has more to choose.
  ///
  /// @param repository such as `google/flan-t5-small`
  /// @throws dev.quintet.models.hub.HubException that says what could not be fetched and what to do
  /// @throws UncheckedIOException if a file cannot be written
  public static Path pull(String repository) {
    return new Hub(HubSettings.fromEnvironment()).pull(PullRequest.of(repository));
  }

  /// The names of a folder's parameters, against which patterns of freezing are resolved; no weight is read.
  ///
  /// @throws CheckpointException if the folder has no configuration or no weights
  /// @throws dev.quintet.core.io.MalformedFileException if a file breaks its format's rules
  /// @throws IllegalArgumentException if a key of `config.json` has a value that cannot be
  public static ParameterNames names(Path folder, LoadOptions options) {
    try (var opened = Folder.open(folder, options)) {
      return opened.names();
    }
  }

  /// The generation defaults of a folder: those of `generation_config.json`, and where it has none, those that models from
  /// before that file have among the keys of their `config.json` (`max_length`, `num_beams`, several `eos_token_id`). As
  /// in transformers the one file or the other counts, never both; ids that it lacks are the model's.
  ///
  /// @throws dev.quintet.core.io.MalformedFileException if a file breaks its format's rules
  /// @throws IllegalArgumentException that names the file and the option whose value does not fit
  public static GenerationConfig generation(Path folder, T5Config config) {
    Path own = folder.resolve(GENERATION);
    // A link to nothing is a file that is missing, not a folder without one.
    boolean separate = Files.exists(own, LinkOption.NOFOLLOW_LINKS);
    Path file = separate ? own : folder.resolve(CONFIG);
    GenerationConfig ids = GenerationConfig.of(config);
    if (!separate && !Files.exists(file)) {
      return ids;
    }
    JsonObject keys = JsonObject.read(FolderContents.plain(file));
    Optional<Object> first = keys.value("bos_token_id");
    if (first.isPresent() && !keys.has("decoder_start_token_id")) {
      keys = keys.with("decoder_start_token_id", first.get());
    }
    try {
      return ids.with(separate ? keys : GenerationConfig.modelKeys(keys));
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      throw new IllegalArgumentException(
          file + ": " + message.replaceFirst("^generation options: ", ""), e);
    }
  }

  /// Writes a model; the folder is made where it is missing. Each file appears whole or not at all. Of generation only the
  /// model's ids are written: who loaded it from a folder passes [#generation] of that folder on, as
  /// `dev.quintet.models.text.TextToText` does.
  ///
  /// @throws CheckpointException if parts of the model were replaced by others with other parameters, which nothing could load
  /// @throws UncheckedIOException if a file cannot be written
  public static void save(T5Family model, Path folder) {
    save(model, GenerationConfig.of(model.config()), folder);
  }

  /// Writes a model and its generation defaults, its weights in the type that they have: [SaveOptions#of].
  ///
  /// @throws CheckpointException if parts of the model were replaced by others with other parameters, which nothing could load
  /// @throws UncheckedIOException if a file cannot be written
  public static void save(T5Family model, GenerationConfig generation, Path folder) {
    save(model, generation, folder, SaveOptions.of(model));
  }

  /// Writes a model and its generation defaults with weights of a type, in one file or in shards. Weights that are stored
  /// small stay what they are, whatever the type: BF16, or INT8 with scales, which this library alone reads.
  ///
  /// Everything is written under temporary names first, then renamed; other files of the folder stay. A process that is
  /// killed while writing changes nothing; one killed between two renames leaves weights that are whole, or a folder
  /// that is refused.
  ///
  /// @throws CheckpointException if parts of the model were replaced by others with other parameters, which nothing could load;
  ///     it names them, and nothing is written
  /// @throws UncheckedIOException if a file cannot be written
  /// @throws IllegalArgumentException if a weight is beyond F16's range
  public static void save(
      T5Family model, GenerationConfig generation, Path folder, SaveOptions options) {
    Map<String, Parameter> parameters = Layout.check(model, folder, options);
    var specs = new LinkedHashMap<String, TensorSpec>();
    var small = new LinkedHashMap<String, Parameter>();
    parameters.forEach((name, parameter) -> {
      if (parameter.form().isEmpty()) {
        specs.put(name, new TensorSpec(options.type(), parameter.shape()));
        return;
      }
      Map<String, TensorSpec> own = SmallTensor.specs(name, parameter.form().get());
      specs.putAll(own);
      own.keySet().forEach(tensor -> small.put(tensor, parameter));
    });
    JsonObject config =
        SmallTensor.config(small.values(), options).apply(T5ConfigFile.write(model));
    JsonObject keys =
        model instanceof T5
            ? config.with("tie_word_embeddings", !parameters.containsKey(T5Weights.HEAD))
            : config;
    try (AtomicFiles files = AtomicFiles.in(folder)) {
      var writer =
          new WeightWriter(
              folder,
              files,
              (name, out) -> {
                Parameter stored = small.get(name);
                if (stored != null) {
                  SmallTensor.write(name, stored, out);
                } else {
                  Parameter plain = Objects.requireNonNull(parameters.get(name));
                  ParameterFile.write(plain, options.type(), out);
                }
              });
      writer.write(
          specs,
          options.shardBytes(),
          () -> {
            files.write(CONFIG, keys.toString());
            if (model instanceof T5) {
              files.write(GENERATION, generation.toJson().toString());
            }
          });
      files.publish();
    }
    String[] added =
        model.parameters().keySet().stream()
            .filter(name -> !parameters.containsKey(name))
            .toArray(String[]::new);
    if (added.length > 0) {
      model.save(folder.resolve(ADDED), added);
    }
  }
}
