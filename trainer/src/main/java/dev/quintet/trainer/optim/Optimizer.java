package dev.quintet.trainer.optim;

import dev.quintet.core.tensor.Parameter;
import java.util.Map;

/// Updates parameters from their gradients and keeps what it needs to remember of each.
///
/// The state of a parameter is made at its first update, so frozen parameters hold none and one
/// that thaws starts its own count. Close it to free the state.
public sealed interface Optimizer extends AutoCloseable permits AdamW, Adafactor {

  /// Updates one parameter from its gradient.
  ///
  /// @param name the parameter's canonical name
  /// @param parameter the parameter, which has a gradient
  /// @param rate the learning rate
  /// @param decay decoupled weight decay
  /// @param gradientScale address of the factor of all gradients, or 0
  void update(String name, Parameter parameter, double rate, double decay, long gradientScale);

  /// Bytes that the state holds.
  default long bytes() {
    return Float.BYTES * state().values().stream().mapToLong(Parameter::elements).sum();
  }

  /// How often each parameter has been updated, by name.
  Map<String, Integer> updates();

  /// The state's tensors by name: the parameter's, a dot, and the tensor's own.
  Map<String, Parameter> state();

  /// Makes the state of a parameter, to be filled from a checkpoint.
  ///
  /// @param name the parameter's canonical name
  /// @param parameter the parameter
  /// @param updates how often it has been updated
  void restore(String name, Parameter parameter, int updates);

  @Override
  void close();

  /// The constants of an optimizer, from which one is made.
  sealed interface Options permits AdamW.Options, Adafactor.Options {
    /// An optimizer without state.
    Optimizer create();
  }
}
