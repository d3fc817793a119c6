package dev.quintet.models.t5;

import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.util.function.Supplier;

/// States of tokens without the padding of their rows.
///
/// @param states `[tokens, D]`
record PackedStates(Tensor states, PackedRows rows) {

  /// Computes states in a scope of its own, so that what it takes on the way is freed at once.
  static PackedStates local(Supplier<PackedStates> body) {
    try (var inner = Scope.open()) {
      PackedStates made = body.get();
      inner.keep(made.states);
      inner.keep(made.rows.starts());
      inner.keep(made.rows.places());
      return made;
    }
  }

  /// The states with their padding, which is zeros, `[B, S, D]`.
  Tensor padded() {
    return rows.pad(states);
  }
}
