package dev.quintet.core.io;

import dev.quintet.core.shape.DType;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The element types of the safetensors format, under their official names.
///
/// The order is the format's own (safetensors 0.8.0), by growing alignment: its writer lays the
/// later ones first. All are sized; [SafetensorsFile] reads as numbers those that a JVM can
/// represent.
public enum SafetensorsType {
  /// Booleans, one byte each.
  BOOL(8),
  /// Four-bit floats (MXFP4).
  F4(4),
  /// Six-bit floats, 2 exponent and 3 mantissa bits.
  F6_E2M3(6),
  /// Six-bit floats, 3 exponent and 2 mantissa bits.
  F6_E3M2(6),
  /// Unsigned bytes.
  U8(8),
  /// Signed bytes.
  I8(8),
  /// Eight-bit floats, 5 exponent and 2 mantissa bits.
  F8_E5M2(8),
  /// Eight-bit floats, 4 exponent and 3 mantissa bits.
  F8_E4M3(8),
  /// Eight-bit powers of two.
  F8_E8M0(8),
  /// Eight-bit floats, 4 exponent and 3 mantissa bits, without infinities and negative zero.
  F8_E4M3FNUZ(8),
  /// Eight-bit floats, 5 exponent and 2 mantissa bits, without infinities and negative zero.
  F8_E5M2FNUZ(8),
  /// Signed 16-bit integers.
  I16(16),
  /// Unsigned 16-bit integers.
  U16(16),
  /// IEEE 754 binary16.
  F16(16),
  /// The upper half of a binary32.
  BF16(16),
  /// Signed 32-bit integers.
  I32(32),
  /// Unsigned 32-bit integers.
  U32(32),
  /// IEEE 754 binary32.
  F32(32),
  /// Complex numbers of two binary32.
  C64(64),
  /// IEEE 754 binary64.
  F64(64),
  /// Signed 64-bit integers.
  I64(64),
  /// Unsigned 64-bit integers.
  U64(64);

  private static final Map<String, SafetensorsType> BY_NAME =
      Arrays.stream(values()).collect(Collectors.toMap(Enum::name, Function.identity()));

  private final int bits;

  SafetensorsType(int bits) {
    this.bits = bits;
  }

  /// The type of this official name, if there is one.
  public static Optional<SafetensorsType> named(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  /// The type that stores a tensor's elements.
  public static SafetensorsType of(DType type) {
    return switch (type) {
      case F32 -> F32;
      case BF16 -> BF16;
      case I32 -> I32;
      case U8 -> U8;
      case BOOL -> BOOL;
    };
  }

  /// Bits of one element.
  public int bits() {
    return bits;
  }

  /// The bytes of this many elements.
  ///
  /// @throws ArithmeticException if they are not whole bytes, or pass 2^63
  public long bytes(long elements) {
    long total = Math.multiplyExact(elements, (long) bits);
    if ((total & 7) != 0) {
      throw new ArithmeticException(
          elements + " elements of " + this + " (" + bits + " bits) are not whole bytes");
    }
    return total >>> 3;
  }
}
