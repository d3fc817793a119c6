package dev.quintet.models.checkpoint;

import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.io.AtomicFiles;
import dev.quintet.core.io.SafetensorsType;
import dev.quintet.core.io.TensorSpec;
import dev.quintet.core.shape.Precision;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.json.JsonObject;
import dev.quintet.tokenizers.dual.DualSpec;
import dev.quintet.tokenizers.dual.SeparateTokenizers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// Rewrites the weights of a model folder as safetensors, whatever architecture it holds.
///
/// What is one matrix under several names is written once, as `shared.weight` where that is one of them; everything
/// else keeps name and shape. The small files beside the weights are copied; options of generation that stand in
/// `config.json` alone are written to `generation_config.json` too.
///
/// @param tensors how many were written
/// @param bytes of the tensors
/// @param dropped names that were left out, each with the name that stands for it
public record Conversion(int tensors, long bytes, Map<String, String> dropped) {
  private static final String SMALL =
      ".*\\.(json|jinja|model|txt|vocab)|README.md|LICENSE(\\.\\w+)?";
  private static final long SMALL_BYTES = 64L << 20;

  /// Copies the map.
  public Conversion {
    dropped = Map.copyOf(dropped);
  }

  /// How floats are stored.
  ///
  /// @param type what floats become; empty leaves each as it is
  /// @param shardBytes the most bytes of tensors in one file
  /// @param pickle whether files of PyTorch may be read
  /// @param precision what projections, embeddings and the head become; everything else stays as it is, but F32 makes
  ///     float32 of all. Not together with a type
  public record Options(
      Optional<SafetensorsType> type,
      long shardBytes,
      boolean pickle,
      Optional<Precision> precision) {

    /// Checks that one thing is asked for.
    ///
    /// @throws IllegalArgumentException if both a type and a precision are given
    public Options {
      if (type.isPresent() && precision.isPresent()) {
        throw new IllegalArgumentException(
            "a type is for all floats, a precision for the weights that tokens read: give one of them");
      }
    }

    /// Options without a precision.
    public Options(Optional<SafetensorsType> type, long shardBytes, boolean pickle) {
      this(type, shardBytes, pickle, Optional.empty());
    }
  }

  /// Converts a folder, or a file of weights, into a folder.
  ///
  /// @throws CheckpointException if there are no weights that may be read
  /// @throws dev.quintet.core.io.MalformedFileException if a file breaks its format's rules
  /// @throws IllegalArgumentException if a weight is beyond F16's range, or source and target are one
  /// @throws UncheckedIOException if a file cannot be read or written
  public static Conversion run(Path source, Path target, Options options) {
    try (var weights = Weights.open(source, options.pickle())) {
      if (Files.exists(target) && Files.isSameFile(source, target)) {
        throw new IllegalArgumentException(
            "the target " + target + " is the source: give another folder");
      }
      Map<String, String> dropped = weights.tied();
      var written = new ConvertedTensors(weights, options);
      weights.tensors().stream()
          .filter(tensor -> !dropped.containsKey(tensor.name()))
          .forEach(written::add);
      Map<String, TensorSpec> specs = written.specs();
      UnaryOperator<JsonObject> config = written.config(source);
      try (AtomicFiles files = AtomicFiles.in(target)) {
        var writer = new WeightWriter(target, files, written::write);
        writer.write(specs, options.shardBytes(), () -> copySmallFiles(source, files, config));
        files.publish();
      }
      copyTokenizers(source, target);
      long bytes = specs.values().stream().mapToLong(TensorSpec::bytes).sum();
      return new Conversion(specs.size(), bytes, dropped);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot convert " + source + ": " + e, e);
    }
  }

  /// Options of generation that stand in an old model's `config.json` get the file that is theirs today, lest another
  /// one in the target's folder hide them.
  private static void writeGeneration(Path source, AtomicFiles files) {
    Path config = source.resolve(Checkpoint.CONFIG);
    if (Files.exists(source.resolve(Checkpoint.GENERATION)) || !Files.isRegularFile(config)) {
      return;
    }
    JsonObject options = GenerationConfig.modelKeys(JsonObject.read(config));
    boolean some =
        options.keys().stream().anyMatch(key -> !key.endsWith("_token_id"))
            || options.value("eos_token_id").orElse(0) instanceof List<?>;
    if (some) {
      files.write(Checkpoint.GENERATION, options.toString());
    }
  }

  /// Copies the folders of two tokenizers in one, which their own file names; nothing where a folder holds one tokenizer.
  ///
  /// @throws IOException if one cannot be read or written
  public static void copyTokenizers(Path source, Path target) throws IOException {
    if (Stream.of(DualSpec.FILE, SeparateTokenizers.FILE)
        .noneMatch(mark -> Files.exists(source.resolve(mark)))) {
      return;
    }
    for (String part : List.of("language", "code", "source", "target")) {
      Path from = source.resolve(part);
      if (Files.isDirectory(from)) {
        try (AtomicFiles files = AtomicFiles.in(target.resolve(part))) {
          copySmallFiles(from, files, UnaryOperator.identity());
          files.publish();
        }
        copyTokenizers(from, target.resolve(part));
      }
    }
  }

  private static void copySmallFiles(
      Path source, AtomicFiles files, UnaryOperator<JsonObject> change) {
    if (!Files.isDirectory(source)) {
      return;
    }
    try (Stream<Path> present = Files.list(source)) {
      writeGeneration(source, files);
      for (Path path : present.sorted().toList()) {
        String name = String.valueOf(path.getFileName());
        // lists of files that are others in the new folder
        boolean list = name.endsWith(".index.json") || name.equals(AtomicDirectory.MANIFEST);
        if (list || !name.matches(SMALL) || !Files.isRegularFile(path)) {
          continue;
        }
        if (Files.size(path) > SMALL_BYTES) {
          continue;
        }
        if (name.equals(Checkpoint.CONFIG)) {
          JsonObject config = JsonObject.read(path);
          JsonObject changed = change.apply(config);
          if (changed != config) {
            files.write(name, changed.toString());
            continue;
          }
        }
        byte[] bytes = Files.readAllBytes(path);
        files.write(name, out -> out.write(MemorySegment.ofArray(bytes)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot copy the files beside " + source + ": " + e, e);
    }
  }
}
