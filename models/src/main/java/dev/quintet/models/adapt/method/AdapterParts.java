package dev.quintet.models.adapt.method;

import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;
import java.util.Map;
import java.util.Optional;

/// What an adapter in a model does besides its deltas, which most methods need nothing of.
public interface AdapterParts {

  /// The parts of a method whose deltas are all.
  static AdapterParts of(AdapterMethod method) {
    return () -> method;
  }

  /// The method, with settings that may have changed in training.
  AdapterMethod method();

  /// What is added to the loss while the adapter trains, a scalar in the current scope.
  default Optional<Tensor> penalty() {
    return Optional.empty();
  }

  /// Called after each step of an optimizer, while the gradients are still there.
  ///
  /// @param step the step that was just made, from 1
  default void afterStep(long step) {}

  /// What training needs to go on, beside the trained parameters, by names of its own.
  default Map<String, Parameter> state() {
    return Map.of();
  }

  /// What a file holds instead of trained parameters, by its name there, in the current scope.
  ///
  /// @param trained the adapter's parameters by their names in files
  default Map<String, Tensor> stored(Map<String, Parameter> trained) {
    return Map.copyOf(trained);
  }

  /// Frees what is not among the adapter's parameters.
  default void close() {}
}
