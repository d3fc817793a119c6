package dev.quintet.models.checkpoint;

import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.io.SafetensorsType;
import dev.quintet.core.io.TensorEntry;
import dev.quintet.core.nn.ParameterSource;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The parameters of a T5 out of its files, under the names and aliases that have been in use.
final class T5Weights implements ParameterSource {
  private static final String SHARED = "shared.weight";
  private static final String HEAD = "lm_head.weight";
  private static final List<String> SHARED_ALIASES =
      List.of(SHARED, "encoder.embed_tokens.weight", "decoder.embed_tokens.weight");
  // In files of transformers before November 2020 (its issue 8518); never used.
  private static final String STRAY =
      "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight";
  private static final Set<SafetensorsType> FLOATS =
      EnumSet.of(
          SafetensorsType.F32, SafetensorsType.F16, SafetensorsType.BF16, SafetensorsType.F64);

  private final Path folder;
  private final WeightFiles files;
  private final Device device;
  private final Set<String> used = new HashSet<>();

  T5Weights(Path folder, WeightFiles files, Device device) {
    this.folder = folder;
    this.files = files;
    this.device = device;
    used.add(STRAY);
    used.addAll(SHARED_ALIASES);
    used.add(HEAD);
  }

  /// Whether there is a head of its own: present, and different from the embedding.
  boolean hasOwnHead() {
    Optional<SafetensorsFile> head = files.holder(HEAD);
    Optional<String> shared = sharedName();
    if (head.isEmpty() || shared.isEmpty()) {
      return false;
    }
    SafetensorsFile sharedFile = files.holder(shared.get()).orElseThrow();
    TensorEntry a = head.get().entry(HEAD);
    TensorEntry b = sharedFile.entry(shared.get());
    return a.type() != b.type()
        || !Arrays.equals(a.dims(), b.dims())
        || head.get().segment(HEAD).mismatch(sharedFile.segment(shared.get())) >= 0;
  }

  private Optional<String> sharedName() {
    return SHARED_ALIASES.stream().filter(name -> files.holder(name).isPresent()).findFirst();
  }

  @Override
  public Parameter make(String name, Shape shape) {
    // A tied model may hold its one matrix under the head's name alone.
    String stored = name.equals(SHARED) ? sharedName().orElse(HEAD) : name;
    SafetensorsFile file =
        files
            .holder(stored)
            .orElseThrow(() ->
                new CheckpointException(
                    folder
                        + ": the weights lack "
                        + name
                        + " "
                        + shape
                        + ", which config.json asks for"
                        + unexpected()));
    used.add(stored);
    TensorEntry entry = file.entry(stored);
    if (!Arrays.equals(entry.dims(), Arrays.stream(shape.dims()).asLongStream().toArray())) {
      throw new CheckpointException(
          file.path()
              + ": "
              + stored
              + " is "
              + Arrays.toString(entry.dims())
              + ", but by config.json it must be "
              + shape);
    }
    if (!FLOATS.contains(entry.type())) {
      throw new CheckpointException(
          file.path() + ": " + stored + " is of type " + entry.type() + "; expected " + FLOATS);
    }
    Parameter parameter = Parameter.empty(shape, device);
    fill(parameter, file, entry);
    return parameter;
  }

  private static void fill(Parameter parameter, SafetensorsFile file, TensorEntry entry) {
    long bytes = 4 * parameter.elements();
    var memory = parameter.backend().memory();
    if (entry.type() == SafetensorsType.F32) {
      memory.write(file.segment(entry.name()), parameter.address(), bytes);
      return;
    }
    try (var arena = Arena.ofConfined()) {
      MemorySegment wide = arena.allocate(bytes, 4);
      file.readRoundedFloats(entry.name(), wide);
      memory.write(wide, parameter.address(), bytes);
    }
  }

  /// Refuses what nothing asked for.
  void checkAllUsed() {
    String left = unexpected();
    if (!left.isEmpty()) {
      throw new CheckpointException(
          folder + ": the weights fit config.json" + left + "; is the config another model's?");
    }
  }

  private String unexpected() {
    var left = new TreeSet<>(files.names());
    left.removeAll(used);
    if (left.isEmpty()) {
      return "";
    }
    String some = left.stream().limit(5).toList().toString();
    return "; they hold " + left.size() + " tensors that nothing asked for, such as " + some;
  }
}
