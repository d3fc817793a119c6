package dev.quintet.models.checkpoint;

import dev.quintet.core.io.SafetensorsType;
import dev.quintet.core.nn.Module;
import dev.quintet.core.shape.DType;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/// How weights are stored.
///
/// @param type F32, BF16 or F16; floats are rounded to the nearest, ties to even
/// @param shardBytes the most bytes of tensors in one file; a larger tensor has a file of its own
/// @param addedBeside whether parameters that the architecture does not know, an adapter's for example, go to a file of their
///     own, `added.safetensors`; else a model that has some is refused
public record SaveOptions(SafetensorsType type, long shardBytes, boolean addedBeside) {
  private static final Set<SafetensorsType> TYPES =
      EnumSet.of(SafetensorsType.F32, SafetensorsType.BF16, SafetensorsType.F16);

  /// F32 in files of up to 50 GB, as transformers 5 cuts them (4 cut at 5 GB; both read either).
  public static final SaveOptions DEFAULT =
      new SaveOptions(SafetensorsType.F32, 50_000_000_000L, false);

  /// What a model is saved as if nothing is said: BF16 where all its parameters are, else F32.
  public static SaveOptions of(Module model) {
    boolean narrow = model.parameters().values().stream().allMatch(one -> one.type() == DType.BF16);
    return narrow ? DEFAULT.withType(SafetensorsType.BF16) : DEFAULT;
  }

  /// Checks the type and the size.
  ///
  /// @throws IllegalArgumentException if the type is no other than these, or the size not positive
  public SaveOptions {
    if (!TYPES.contains(type)) {
      throw new IllegalArgumentException("weights are stored as one of " + TYPES + ", not " + type);
    }
    if (shardBytes < 1) {
      throw new IllegalArgumentException("a shard has at least 1 byte, not " + shardBytes);
    }
  }

  /// These options with another type.
  public SaveOptions withType(SafetensorsType other) {
    return new SaveOptions(other, shardBytes, addedBeside);
  }

  /// These options with another size of shards.
  public SaveOptions withShardBytes(long most) {
    return new SaveOptions(type, most, addedBeside);
  }

  /// These options with added parameters in a file of their own, which `Module.load` reads once the parts that they belong
  /// to are in their places again.
  public SaveOptions withAddedBeside() {
    return new SaveOptions(type, shardBytes, true);
  }

  /// Reads a size: bytes, or a number with KB, MB, GB or TB (powers of 1000, as in Hugging Face's libraries).
  ///
  /// @throws IllegalArgumentException if it is no positive size
  public static long bytes(String size) {
    String text = size.strip().toUpperCase(Locale.ROOT);
    long unit = 1;
    for (String suffix : new String[] {"KB", "MB", "GB", "TB"}) {
      unit *= 1000;
      if (text.endsWith(suffix)) {
        return bytes(size, text.substring(0, text.length() - 2).strip(), unit);
      }
    }
    return bytes(size, text, 1);
  }

  private static long bytes(String size, String digits, long unit) {
    if (!digits.matches("[0-9]{1,18}") || Long.parseLong(digits) == 0) {
      throw new IllegalArgumentException(
          "a size is a whole number of bytes, or one with KB, MB, GB or TB, not '" + size + "'");
    }
    try {
      return Math.multiplyExact(Long.parseLong(digits), unit);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("the size " + size + " is beyond 2^63 bytes", e);
    }
  }

  /// What `torch_dtype` of `config.json` calls the type.
  String torchName() {
    return type == SafetensorsType.F32
        ? "float32"
        : type == SafetensorsType.BF16 ? "bfloat16" : "float16";
  }
}
