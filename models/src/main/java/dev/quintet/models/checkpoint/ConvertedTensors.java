package dev.quintet.models.checkpoint;

import dev.quintet.core.backend.StoredForm;
import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.FloatElements;
import dev.quintet.core.io.SafetensorsType;
import dev.quintet.core.io.TensorSpec;
import dev.quintet.core.shape.Precision;
import dev.quintet.core.shape.Shape;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5ConfigFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// What a [Conversion] writes of each tensor, in their order.
final class ConvertedTensors {
  private final Weights weights;
  private final Conversion.Options options;
  private final Map<String, TensorSpec> specs = new LinkedHashMap<>();
  private final Map<String, Bytes> bytes = new LinkedHashMap<>();

  private interface Bytes {
    MemorySegment in(Arena arena);
  }

  ConvertedTensors(Weights weights, Conversion.Options options) {
    this.weights = weights;
    this.options = options;
  }

  /// The tensors that are written.
  Map<String, TensorSpec> specs() {
    return specs;
  }

  /// Adds what becomes of a tensor.
  ///
  /// @throws CheckpointException if it is of int8 and would have to be rounded again
  void add(StoredTensor tensor) {
    Optional<SmallTensor> small = SmallTensor.of(weights, tensor);
    if (small.isPresent()) {
      addSmall(small.get());
    } else if (shrinks(tensor)) {
      shrink(tensor);
    } else if (!scales(tensor)) {
      SafetensorsType type =
          FloatElements.TYPES.contains(tensor.type())
              ? floats().orElse(tensor.type())
              : tensor.type();
      put(tensor.name(), new TensorSpec(type, shape(tensor)), arena -> as(tensor, type, arena));
    }
  }

  /// What all floats become, if they do not stay as they are: a folder whose weights are asked for in float32 has no other.
  private Optional<SafetensorsType> floats() {
    return options
        .type()
        .or(() -> options.precision().filter(Precision.F32::equals).map(_ -> SafetensorsType.F32));
  }

  private boolean shrinks(StoredTensor tensor) {
    return options.precision().filter(wanted -> wanted != Precision.F32).isPresent()
        && SmallTensor.mayBe(tensor.name(), tensor.dims().size())
        && FloatElements.TYPES.contains(tensor.type())
        && tensor.elements() > 0;
  }

  /// Whether it is the scales of another, which come with that.
  private boolean scales(StoredTensor tensor) {
    String name = tensor.name();
    return name.endsWith(SmallTensor.SCALE)
        && weights
            .find(name.substring(0, name.length() - SmallTensor.SCALE.length()))
            .filter(of -> of.type() == SafetensorsType.I8)
            .isPresent();
  }

  private void addSmall(SmallTensor small) {
    if (options.type().isPresent() || options.precision().equals(Optional.of(Precision.BF16))) {
      throw new CheckpointException(
          small.numbers().file()
              + " holds weights of int8, which another type would only round again: make float32 of them with"
              + " --weights f32, or convert the model that they were made of");
    }
    StoredTensor numbers = small.numbers();
    if (options.precision().equals(Optional.of(Precision.F32))) {
      Shape shape = Shape.of(small.form().rows(), small.form().columns());
      put(
          numbers.name(),
          new TensorSpec(SafetensorsType.F32, shape),
          arena -> {
            MemorySegment floats = arena.allocate(4 * shape.elements(), 64);
            small.widen(floats);
            return floats;
          });
      return;
    }
    put(numbers.name(), new TensorSpec(SafetensorsType.I8, shape(numbers)), numbers::bytes);
    StoredTensor scales = small.scales();
    put(scales.name(), new TensorSpec(SafetensorsType.F32, shape(scales)), scales::bytes);
  }

  private void shrink(StoredTensor tensor) {
    Shape shape = shape(tensor);
    Precision precision = options.precision().orElseThrow();
    var form = StoredForm.of(precision, shape.dim(0), shape.dim(1));
    SmallTensor.specs(tensor.name(), form)
        .forEach((name, spec) ->
            put(
                name,
                spec,
                arena -> {
                  MemorySegment block = arena.allocate(form.bytes(), 64);
                  SmallTensor.fill(tensor, form, block);
                  return SmallTensor.bytes(name, form, block, arena);
                }));
  }

  private void put(String name, TensorSpec spec, Bytes content) {
    specs.put(name, spec);
    bytes.put(name, content);
  }

  private static Shape shape(StoredTensor tensor) {
    return Shape.of(tensor.dims().stream().mapToLong(Long::longValue).toArray());
  }

  private static MemorySegment as(StoredTensor tensor, SafetensorsType type, Arena arena) {
    if (type == tensor.type()) {
      return tensor.bytes(arena);
    }
    MemorySegment floats = arena.allocate(4 * tensor.elements(), 64);
    tensor.readFloats(floats);
    MemorySegment stored = arena.allocate(type.bytes(tensor.elements()), 64);
    FloatElements.write(type, floats, stored);
    return stored;
  }

  /// Writes a tensor.
  void write(String name, AtomicFile.Output out) throws IOException {
    try (var arena = Arena.ofShared()) {
      out.write(Objects.requireNonNull(bytes.get(name)).in(arena));
    }
  }

  /// What changes in `config.json`.
  ///
  /// @throws IllegalArgumentException if a precision is asked for and there is none of the T5 family, without which nothing
  ///     could read int8
  UnaryOperator<JsonObject> config(Path source) {
    if (options.precision().isEmpty()) {
      return options
          .type()
          .map(SaveOptions.DEFAULT::withType)
          .map(SaveOptions::torchName)
          .<UnaryOperator<JsonObject>>map(name -> config -> typed(config, name))
          .orElse(UnaryOperator.identity());
    }
    Path file = source.resolve(Checkpoint.CONFIG);
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "weights are stored small in a model folder, and "
              + source
              + " is none: it has no "
              + Checkpoint.CONFIG);
    }
    var _ = T5ConfigFile.of(JsonObject.read(file));
    return switch (options.precision().get()) {
      case INT8 -> T5ConfigFile::ofInt8;
      case BF16 -> config -> typed(config, "bfloat16");
      case F32 -> config -> typed(T5ConfigFile.ofFloats(config), "float32");
    };
  }

  private static JsonObject typed(JsonObject config, String name) {
    return config.with(config.has("dtype") ? "dtype" : "torch_dtype", name);
  }
}
