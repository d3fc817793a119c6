package dev.quintet.models.t5;

import dev.quintet.core.nn.Linear;
import dev.quintet.core.nn.ParameterSource;
import dev.quintet.core.shape.Shape;

/// The layers of tasks' heads, which have biases, unlike T5's own.
final class TaskLayers {
  private TaskLayers() {}

  /// `[..., in]` to `[..., out]`, from `weight` and `bias`.
  static Linear linear(int out, int in, ParameterSource source) {
    return new Linear(source.make("weight", Shape.of(out, in)), source.make("bias", Shape.of(out)));
  }
}
