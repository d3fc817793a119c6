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

  /// The instruction's name where it is known to be dangerous or common, its number otherwise.
  static String instruction(int code) {
    return switch (code) {
      case 'i' -> "INST";
      case 'o' -> "OBJ";
      case 0x81 -> "NEWOBJ";
      case 0x92 -> "NEWOBJ_EX";
      case 0x82 -> "EXT1";
      case 0x83 -> "EXT2";
      case 0x84 -> "EXT4";
      case 'P' -> "PERSID";
      case ']' -> "EMPTY_LIST";
      case 'l' -> "LIST";
      case 'a' -> "APPEND";
      case 'e' -> "APPENDS";
      case 0x8f -> "EMPTY_SET";
      case '0' -> "POP";
      case '1' -> "POP_MARK";
      case '2' -> "DUP";
      case 'B', 'C', 0x8e -> "BINBYTES";
      case 'T', 'U', 'S' -> "STRING";
      case 0x8b -> "LONG4";
      case 'g' -> "GET";
      case 'p' -> "PUT";
      case 'd' -> "DICT";
      default -> "0x" + Integer.toHexString(code);
    };
  }
}
