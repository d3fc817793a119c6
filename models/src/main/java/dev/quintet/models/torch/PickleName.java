package dev.quintet.models.torch;

import dev.quintet.core.io.SafetensorsType;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The names that a pickle may mention, all that a dictionary of tensors needs. None of them is looked up or called:
/// each stands for what this reader does itself.
enum PickleName {
  ORDERED_DICT("collections", "OrderedDict"),
  REBUILD_TENSOR("torch._utils", "_rebuild_tensor_v2"),
  REBUILD_PARAMETER("torch._utils", "_rebuild_parameter"),
  FLOAT("torch", "FloatStorage", SafetensorsType.F32),
  DOUBLE("torch", "DoubleStorage", SafetensorsType.F64),
  HALF("torch", "HalfStorage", SafetensorsType.F16),
  BRAIN_HALF("torch", "BFloat16Storage", SafetensorsType.BF16),
  LONG("torch", "LongStorage", SafetensorsType.I64),
  INT("torch", "IntStorage", SafetensorsType.I32),
  SHORT("torch", "ShortStorage", SafetensorsType.I16),
  SIGNED_BYTE("torch", "CharStorage", SafetensorsType.I8),
  BYTE("torch", "ByteStorage", SafetensorsType.U8),
  BOOL("torch", "BoolStorage", SafetensorsType.BOOL);

  private static final Map<String, PickleName> BY_NAME =
      Arrays.stream(values()).collect(Collectors.toMap(PickleName::toString, Function.identity()));

  private final String module;
  private final String name;
  private final Optional<SafetensorsType> elements;

  PickleName(String module, String name) {
    this(module, name, Optional.empty());
  }

  PickleName(String module, String name, SafetensorsType elements) {
    this(module, name, Optional.of(elements));
  }

  PickleName(String module, String name, Optional<SafetensorsType> elements) {
    this.module = module;
    this.name = name;
    this.elements = elements;
  }

  /// The entry of the list, if this name is on it.
  static Optional<PickleName> of(String module, String name) {
    return Optional.ofNullable(BY_NAME.get(module + "." + name));
  }

  /// The element type of a storage class.
  Optional<SafetensorsType> elements() {
    return elements;
  }

  @Override
  public String toString() {
    return module + "." + name;
  }
}
