package dev.quintet.models.adapt.method;

import dev.quintet.core.nn.Init;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;

/// Where an adapter's numbers come from: random ones, or a file.
public interface AdapterTensors {

  /// Makes a parameter, which the caller closes.
  ///
  /// @param name its name in files
  /// @param shape its axes
  /// @param init how a new one is filled
  /// @throws AdapterException if a file has it not, or of another shape
  Parameter make(String name, Shape shape, Init init);

  /// Whether the numbers are new ones.
  boolean fresh();
}
