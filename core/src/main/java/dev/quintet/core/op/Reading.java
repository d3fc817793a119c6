package dev.quintet.core.op;

import dev.quintet.core.shape.DType;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/// Values back on the host.
public final class Reading {
  private Reading() {}

  /// The only element.
  public static float item(Tensor x) {
    if (x.elements() != 1) {
      throw new IllegalStateException(
          "item() reads one element; this tensor has shape " + x.shape());
    }
    return floats(x)[0];
  }

  /// All elements as float32.
  public static float[] floats(Tensor x) {
    if (x.type() != DType.F32) {
      try (var _ = Scope.openWithoutGradients(x.device())) {
        return floats(x.cast(DType.F32));
      }
    }
    float[] values = new float[arrayLength(x)];
    copy(x, 0, MemorySegment.ofArray(values));
    return values;
  }

  /// Float32 elements from a place on, into an array that is there already.
  public static void floats(Tensor x, long from, float[] target) {
    if (x.type() != DType.F32 || from < 0 || from > x.elements() - target.length) {
      throw new IllegalArgumentException(
          "read: "
              + target.length
              + " float32 elements from "
              + from
              + " on of a tensor of type "
              + x.type()
              + " and shape "
              + x.shape());
    }
    copy(x, 4 * from, MemorySegment.ofArray(target));
  }

  /// All elements as integers.
  public static int[] ints(Tensor x) {
    return switch (x.type()) {
      case I32 -> {
        int[] values = new int[arrayLength(x)];
        copy(x, 0, MemorySegment.ofArray(values));
        yield values;
      }
      case U8, BOOL -> {
        byte[] bytes = new byte[arrayLength(x)];
        copy(x, 0, MemorySegment.ofArray(bytes));
        int[] values = new int[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
          values[i] = Byte.toUnsignedInt(bytes[i]);
        }
        yield values;
      }
      case F32, BF16 ->
          throw new IllegalStateException("toInts() reads integers; this tensor is " + x.type());
    };
  }

  private static void copy(Tensor x, long offset, MemorySegment target) {
    Scope.reading(
        x.device(),
        () -> x.backend().memory().read(x.address() + offset, target, target.byteSize()));
  }

  private static int arrayLength(Tensor x) {
    // the largest array that a JVM is sure to give
    if (x.elements() > Integer.MAX_VALUE - 8) {
      throw new IllegalStateException(
          "a tensor of shape "
              + x.shape()
              + " has more elements than an array takes: read it in parts with read(from, target)");
    }
    return (int) x.elements();
  }

  /// Type, shape, device and values.
  public static String describe(Tensor x) {
    return Printing.of(x);
  }
}
