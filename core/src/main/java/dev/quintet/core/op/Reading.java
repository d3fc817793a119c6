package dev.quintet.core.op;

import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Locale;

/// Values back on the host.
public final class Reading {
  private static final int SHOWN = 8;

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
    x.backend().memory().read(x.address(), MemorySegment.ofArray(values), 4L * values.length);
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
    MemorySegment array = MemorySegment.ofArray(target);
    x.backend().memory().read(x.address() + 4 * from, array, 4L * target.length);
  }

  /// All elements as integers.
  public static int[] ints(Tensor x) {
    return switch (x.type()) {
      case I32 -> {
        int[] values = new int[arrayLength(x)];
        x.backend().memory().read(x.address(), MemorySegment.ofArray(values), 4L * values.length);
        yield values;
      }
      case U8, BOOL -> {
        byte[] bytes = new byte[arrayLength(x)];
        x.backend().memory().read(x.address(), MemorySegment.ofArray(bytes), bytes.length);
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

  /// Shape, type, device and the first values.
  public static String describe(Tensor x) {
    var text = new StringBuilder().append(x.type()).append(' ').append(x.shape());
    text.append(" on ").append(x.device());
    if (!x.storage().alive()) {
      return text.append(", freed").toString();
    }
    try (var _ = Scope.openWithoutGradients(x.device())) {
      int shown = (int) Math.min(SHOWN, x.elements());
      Tensor head =
          Tensor.over(x.storage(), x.address() - x.storage().address(), Shape.of(shown), x.type());
      text.append(" {");
      float[] values = floats(head);
      for (int i = 0; i < shown; i++) {
        text.append(i == 0 ? "" : ", ").append(String.format(Locale.ROOT, "%.6g", values[i]));
      }
      text.append(x.elements() > shown ? ", ...}" : "}");
    }
    return text.toString();
  }
}
