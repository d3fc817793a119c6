package dev.quintet.core.io;

import dev.quintet.core.shape.Shape;

/// What a file's header says of a tensor that is yet to be written.
///
/// @param type the type of its elements
/// @param shape its axes
public record TensorSpec(SafetensorsType type, Shape shape) {
  /// Checks that the tensor takes whole bytes.
  ///
  /// @throws IllegalArgumentException if it does not
  public TensorSpec {
    try {
      type.bytes(shape.elements());
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("a tensor of " + type + shape + " cannot be stored", e);
    }
  }

  /// The bytes it takes.
  public long bytes() {
    return type.bytes(shape.elements());
  }
}
