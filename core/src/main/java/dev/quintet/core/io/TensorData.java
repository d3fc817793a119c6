package dev.quintet.core.io;

import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import java.lang.foreign.MemorySegment;

/// A tensor as it goes to a file: element type, shape and little-endian bytes.
///
/// @param type the type of its elements
/// @param shape its axes
/// @param bytes exactly as many bytes as type and shape give; they are read while the file is
///     written
public record TensorData(SafetensorsType type, Shape shape, MemorySegment bytes) {
  /// Checks that the bytes are as many as type and shape give.
  ///
  /// @throws IllegalArgumentException if they are not
  public TensorData {
    long needed = new TensorSpec(type, shape).bytes();
    if (needed != bytes.byteSize()) {
      throw new IllegalArgumentException(
          "a tensor of "
              + type
              + shape
              + " takes "
              + needed
              + " bytes, but got "
              + bytes.byteSize());
    }
  }

  /// A tensor of one of the library's own element types.
  public static TensorData of(DType type, Shape shape, MemorySegment bytes) {
    return new TensorData(SafetensorsType.of(type), shape, bytes);
  }
}
