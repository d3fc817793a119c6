package dev.quintet.models.adapt.method;

import dev.quintet.core.nn.Module;

/// A module that stands in the place of one of the model's and holds adapters' deltas.
sealed interface Site permits AdaptedLayer, AdaptedAttention {
  /// The model's own module.
  Module base();

  /// Adds an adapter's delta.
  void put(String adapter, Delta delta);

  /// Takes an adapter's delta away; it is not closed.
  void take(String adapter);

  /// All deltas.
  Deltas<?> deltas();
}
