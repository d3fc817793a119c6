package dev.quintet.core.op;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.quintet.core.backend.Memory;
import dev.quintet.core.backend.Widened;
import dev.quintet.core.random.RandomField;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.stream.LongStream;

/// Tensors from host values, constants and random numbers.
public final class Factories {
  private static final int CHUNK = 1 << 14;

  private Factories() {}

  /// Values in a shape.
  public static Tensor of(Shape shape, float... values) {
    checkCount(shape, values.length);
    Tensor tensor = Tensor.empty(shape, DType.F32);
    write(tensor, MemorySegment.ofArray(values));
    return tensor;
  }

  /// Integers in a shape.
  public static Tensor ofInts(Shape shape, int... values) {
    checkCount(shape, values.length);
    Tensor tensor = Tensor.empty(shape, DType.I32);
    write(tensor, MemorySegment.ofArray(values));
    return tensor;
  }

  /// One value everywhere.
  public static Tensor full(Shape shape, float value) {
    Tensor tensor = Tensor.empty(shape, DType.F32);
    tensor.backend().layout().fill(value, tensor.address(), shape.elements());
    return tensor;
  }

  /// 0, 1, 2, ...
  public static Tensor range(int n) {
    Tensor tensor = Tensor.empty(Shape.of(n), DType.F32);
    fill(
        tensor,
        (from, chunk) -> {
          for (long i = 0; i < chunk.byteSize() >> 2; i++) {
            chunk.set(JAVA_FLOAT_UNALIGNED, i << 2, from + i);
          }
        });
    return tensor;
  }

  /// Standard normal values.
  public static Tensor normal(Shape shape, long seed) {
    Tensor tensor = Tensor.empty(shape, DType.F32);
    fillNormal(tensor, 1, seed);
    return tensor;
  }

  /// Values in [0, 1).
  public static Tensor uniform(Shape shape, long seed) {
    Tensor tensor = Tensor.empty(shape, DType.F32);
    RandomField field = RandomField.of(seed, "uniform");
    fill(tensor, (from, chunk) -> field.fillUniform(from, chunk, 0, 1));
    return tensor;
  }

  /// Overwrites a tensor with normal values: element i depends on the seed and on i alone.
  ///
  /// @throws IllegalArgumentException if the deviation is negative or not finite
  public static void fillNormal(Tensor tensor, double deviation, long seed) {
    if (!(deviation >= 0 && deviation <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "a standard deviation is finite and not negative, not " + deviation);
    }
    RandomField field = RandomField.of(seed, "normal");
    overwrite(tensor, (from, chunk) -> field.fillNormal(from, chunk, 0, (float) deviation));
  }

  /// Overwrites a tensor with values spread evenly over [-bound, bound): element i depends on the seed and on i alone.
  ///
  /// @throws IllegalArgumentException if the bound is negative or so large that their distance is not finite
  public static void fillUniform(Tensor tensor, double bound, long seed) {
    if (!(bound >= 0 && bound <= Float.MAX_VALUE / 2)) {
      throw new IllegalArgumentException(
          "the bound of evenly spread values is finite and not negative, not " + bound);
    }
    RandomField field = RandomField.of(seed, "uniform");
    float most = (float) bound;
    overwrite(tensor, (from, chunk) -> field.fillUniform(from, chunk, -most, most));
  }

  /// Overwrites a float32 tensor with one value.
  public static void fill(Tensor tensor, float value) {
    overwrite(
        tensor,
        (from, chunk) -> {
          for (long i = 0; i < chunk.byteSize() >> 2; i++) {
            chunk.set(JAVA_FLOAT_UNALIGNED, i << 2, value);
          }
        });
  }

  private static void overwrite(Tensor tensor, Filler filler) {
    if (tensor.type() != DType.F32) {
      throw new IllegalArgumentException(
          "only float32 is filled, and "
              + tensor.described()
              + " is "
              + tensor.type()
              + ": fill it first and change its type with to(type) then");
    }
    Scope.reading(tensor.device(), () -> fill(tensor, filler));
    tensor.storage().changed();
  }

  private static void fill(Tensor tensor, Filler filler) {
    try (var wide = new Widened(tensor.backend())) {
      long count = tensor.elements();
      fill(
          tensor.backend().memory(),
          wide.write(tensor.type(), tensor.address(), count),
          count,
          filler);
    }
  }

  private static void fill(Memory memory, long address, long count, Filler filler) {
    Optional<MemorySegment> host = memory.host(address, 4 * count);
    if (host.isPresent()) {
      // Element i depends on i alone, so threads change nothing.
      MemorySegment all = host.get();
      LongStream.range(0, (count + CHUNK - 1) / CHUNK)
          .parallel()
          .forEach(part -> {
            long from = part * CHUNK;
            filler.fill(from, all.asSlice(4 * from, 4 * Math.min(CHUNK, count - from)));
          });
      return;
    }
    MemorySegment chunk = MemorySegment.ofArray(new float[(int) Math.min(CHUNK, count)]);
    for (long from = 0; from < count; from += CHUNK) {
      long bytes = 4 * Math.min(CHUNK, count - from);
      MemorySegment part = chunk.asSlice(0, bytes);
      filler.fill(from, part);
      memory.write(part, address + 4 * from, bytes);
    }
  }

  private static void write(Tensor tensor, MemorySegment values) {
    tensor.backend().memory().write(values, tensor.address(), values.byteSize());
  }

  private static void checkCount(Shape shape, int values) {
    if (shape.elements() != values) {
      throw new IllegalArgumentException(
          values + " values for a shape " + shape + " of " + shape.elements() + " elements");
    }
  }

  private interface Filler {
    void fill(long firstIndex, MemorySegment chunk);
  }
}
