package dev.quintet.core.io;

import dev.quintet.core.shape.Shape;
import java.util.Arrays;

/// What a safetensors header says of one tensor: name, element type, axes and place.
///
/// Axes are 64-bit, as in the file; [#shape] gives them as a tensor's shape.
public final class TensorEntry {
  private final String name;
  private final SafetensorsType type;
  private final long[] dims;
  private final long offset;
  private final long bytes;

  TensorEntry(String name, SafetensorsType type, long[] dims, long offset, long bytes) {
    this.name = name;
    this.type = type;
    this.dims = dims;
    this.offset = offset;
    this.bytes = bytes;
  }

  /// The tensor's name.
  public String name() {
    return name;
  }

  /// The type of its elements.
  public SafetensorsType type() {
    return type;
  }

  /// A copy of the sizes of its axes, outermost first; none for a scalar.
  public long[] dims() {
    return dims.clone();
  }

  /// Its axes as a shape.
  ///
  /// @throws IllegalArgumentException if an axis is over 2^31 - 1
  public Shape shape() {
    return Shape.of(dims);
  }

  /// The number of its elements.
  public long elements() {
    long product = 1;
    for (long dim : dims) {
      product *= dim;
    }
    return product;
  }

  /// Bytes from the start of the file to its first element.
  public long offset() {
    return offset;
  }

  /// The bytes it takes.
  public long bytes() {
    return bytes;
  }

  @Override
  public String toString() {
    return name + " " + type + Arrays.toString(dims);
  }
}
