package dev.quintet.core.nn;

import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;

/// Where a model's parameters come from while it is built: random numbers, or a file.
@FunctionalInterface
public interface ParameterSource {

  /// Makes a parameter.
  ///
  /// @param name its canonical name
  /// @param shape its axes
  Parameter make(String name, Shape shape);

  /// This source for a part of the model: names are given from there.
  ///
  /// @param prefix the part's path
  default ParameterSource at(String prefix) {
    return (name, shape) -> make(prefix + "." + name, shape);
  }
}
