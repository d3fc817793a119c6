package dev.quintet.models.checkpoint;

import dev.quintet.core.backend.StoredForm;
import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.SafetensorsType;
import dev.quintet.core.io.TensorSpec;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Precision;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5ConfigFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/// A weight of INT8 in a file: `NAME`, I8 `[N, G, K / G]`, and `NAME.scale`, F32 `[N, G]`, of which each scale is that of a
/// group. The third axis has libraries that know nothing of scales refuse it.
///
/// @param numbers the signed bytes
/// @param scales their scales
/// @param form how it is held
record SmallTensor(StoredTensor numbers, StoredTensor scales, StoredForm form) {
  static final String SCALE = ".scale";

  /// The weights that are stored small: everything that a token reads whole.
  private static final Pattern NAMES =
      Pattern.compile("(.*\\.)?(shared|embed_tokens|lm_head|q|k|v|o|wi|wi_0|wi_1|wo)\\.weight");

  /// Whether a tensor of this name and so many axes may be stored small.
  static boolean mayBe(String name, int rank) {
    return rank == 2 && NAMES.matcher(name).matches();
  }

  /// The weight that a tensor holds the numbers of.
  ///
  /// @throws CheckpointException if it is of int8 and lacks its scales, or they do not fit
  static Optional<SmallTensor> of(Weights weights, StoredTensor numbers) {
    if (numbers.type() != SafetensorsType.I8) {
      return Optional.empty();
    }
    List<Long> dims = numbers.dims();
    StoredTensor scales =
        weights
            .find(numbers.name() + SCALE)
            .orElseThrow(() ->
                new CheckpointException(
                    numbers.file()
                        + ": "
                        + numbers.name()
                        + " is of int8, but its scales, "
                        + numbers.name()
                        + SCALE
                        + ", are missing: convert the model anew, with `quintet convert --weights int8`"));
    if (dims.size() != 3
        || dims.stream().anyMatch(dim -> dim < 1)
        || dims.get(1) * dims.get(2) > Integer.MAX_VALUE
        || dims.get(0) > Integer.MAX_VALUE
        || scales.type() != SafetensorsType.F32
        || !scales.dims().equals(dims.subList(0, 2))) {
      throw new CheckpointException(
          numbers.file()
              + ": expected int8 [N, G, K / G] with F32 scales [N, G], but "
              + numbers.name()
              + " is "
              + numbers.shapeText()
              + " and "
              + scales.name()
              + " is "
              + scales.type()
              + " "
              + scales.shapeText());
    }
    int columns = (int) (dims.get(1) * dims.get(2));
    var form =
        new StoredForm(Precision.INT8, dims.get(0).intValue(), columns, dims.get(2).intValue());
    return Optional.of(new SmallTensor(numbers, scales, form));
  }

  /// Whether two tensors are one matrix: the same numbers, and the same scales or none.
  static boolean same(Weights weights, StoredTensor one, StoredTensor other) {
    if (!one.sameContents(other)) {
      return false;
    }
    Optional<SmallTensor> first = of(weights, one);
    Optional<SmallTensor> second = of(weights, other);
    return first.isEmpty()
        || second.isEmpty()
        || first.get().scales.sameContents(second.get().scales);
  }

  /// The parameter that it is to become: as it is, or float32.
  ///
  /// @throws CheckpointException if its shape is another, or BF16 is asked for
  Parameter parameter(Shape shape, Device device, Optional<Precision> precision) {
    if (!shape.equals(Shape.of(form.rows(), form.columns()))) {
      throw new CheckpointException(
          numbers.file()
              + ": "
              + numbers.name()
              + " is "
              + numbers.shapeText()
              + ", groups and all, but by config.json it must be "
              + shape);
    }
    return switch (precision.orElse(Precision.INT8)) {
      case INT8 -> Parameter.stored(form, device, this::fill);
      case F32 -> T5Weights.filled(shape, device, this::widen);
      case BF16 ->
          throw new CheckpointException(
              numbers.file()
                  + " holds weights of int8, which bfloat16 would only round again: load them as they are, or as float32");
    };
  }

  private void fill(MemorySegment block) {
    try (var arena = Arena.ofShared()) {
      form.fill(numbers.bytes(arena), scales.bytes(arena), block);
    }
  }

  /// Writes its values as float32.
  void widen(MemorySegment floats) {
    try (var arena = Arena.ofShared()) {
      MemorySegment bytes = numbers.bytes(arena);
      MemorySegment factors = scales.bytes(arena);
      long count = (long) form.rows() * form.columns();
      for (long i = 0; i < count; i++) {
        float scale = factors.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i / form.group());
        float value = bytes.get(ValueLayout.JAVA_BYTE, i) * scale;
        floats.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, value);
      }
    }
  }

  /// A parameter in a small form of a tensor of floats.
  static Parameter parameter(StoredTensor stored, Shape shape, Device device, Precision precision) {
    var form = StoredForm.of(precision, shape.dim(0), shape.dim(1));
    return Parameter.stored(form, device, block -> fill(stored, form, block));
  }

  /// Brings a tensor of floats into a form.
  static void fill(StoredTensor stored, StoredForm form, MemorySegment block) {
    Optional<MemorySegment> lent = stored.lendable();
    if (lent.isPresent()) {
      form.fill(lent.get(), block);
      return;
    }
    try (var arena = Arena.ofShared()) {
      MemorySegment floats = arena.allocate(DType.F32.bytes(stored.elements()), 64);
      stored.readFloats(floats);
      form.fill(floats, block);
    }
  }

  /// What a weight of this form becomes in a file, by name.
  static Map<String, TensorSpec> specs(String name, StoredForm form) {
    var specs = new LinkedHashMap<String, TensorSpec>();
    if (form.precision() == Precision.INT8) {
      Shape shape = Shape.of(form.rows(), form.groups(), form.group());
      specs.put(name, new TensorSpec(SafetensorsType.I8, shape));
      Shape each = Shape.of(form.rows(), form.groups());
      specs.put(name + SCALE, new TensorSpec(SafetensorsType.F32, each));
    } else {
      Shape shape = Shape.of(form.rows(), form.columns());
      specs.put(name, new TensorSpec(SafetensorsType.BF16, shape));
    }
    return specs;
  }

  /// The bytes of one of [#specs].
  ///
  /// @param block of the form
  static MemorySegment bytes(String tensor, StoredForm form, MemorySegment block, Arena arena) {
    long count = (long) form.rows() * form.columns();
    if (form.precision() == Precision.BF16) {
      MemorySegment numbers = arena.allocate(2 * count, 64);
      form.read(block, numbers);
      return numbers;
    }
    MemorySegment numbers = arena.allocate(count, 64);
    MemorySegment factors = arena.allocate(4L * form.rows() * form.groups(), 64);
    form.read(block, numbers, factors);
    return tensor.endsWith(SCALE) ? factors : numbers;
  }

  /// Writes one of [#specs] of a parameter.
  static void write(String tensor, Parameter parameter, AtomicFile.Output out) throws IOException {
    StoredForm form = parameter.form().orElseThrow();
    var memory = parameter.backend().memory();
    // in a scope, so that whoever closes the model meanwhile leaves the memory until this is
    // written
    try (var arena = Arena.ofShared();
        var _ = Scope.openWithoutGradients(parameter.device())) {
      long address = parameter.stored().orElseThrow().address();
      Optional<MemorySegment> host = memory.host(address, form.bytes());
      MemorySegment block = host.orElseGet(() -> arena.allocate(form.bytes(), 64));
      if (host.isEmpty()) {
        memory.read(address, block, form.bytes());
      }
      out.write(bytes(tensor, form, block, arena));
    } finally {
      Reference.reachabilityFence(parameter); // an address says nothing to the garbage collector
    }
  }

  /// How `config.json` names the type of weights of which these are stored small.
  static UnaryOperator<JsonObject> config(Collection<Parameter> small, SaveOptions options) {
    boolean int8 =
        small.stream()
            .flatMap(one -> one.form().stream())
            .anyMatch(form -> form.precision() == Precision.INT8);
    if (int8) {
      return T5ConfigFile::ofInt8;
    }
    String name = small.isEmpty() ? options.torchName() : "bfloat16";
    return config -> config.with("torch_dtype", name);
  }
}
