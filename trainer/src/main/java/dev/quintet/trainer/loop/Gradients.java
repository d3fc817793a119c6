package dev.quintet.trainer.loop;

import dev.quintet.core.tensor.Parameter;
import java.util.Map;

/// The gradients of a step, clipped, before they change the model.
///
/// @param step the step, from 1
/// @param loss mean cross entropy over the labels that count
/// @param norm global norm of the gradients before clipping
/// @param parameters what trains and has a gradient, by name; the gradients may be changed in place
public record Gradients(long step, double loss, double norm, Map<String, Parameter> parameters) {

  /// Copies the map, not the parameters.
  public Gradients {
    parameters = Map.copyOf(parameters);
  }
}
