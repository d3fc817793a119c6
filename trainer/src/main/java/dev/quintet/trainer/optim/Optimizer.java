package dev.quintet.trainer.optim;

import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;
import java.util.Map;

/// Updates parameters from their gradients and keeps what it needs to remember of each.
///
/// The built-in ones are [AdamW], [Adafactor], [Sgd], [Lamb], [Lion], [AdamWScale] and [Muon]. Your own gets one parameter at a time:
///
/// ```java
/// Trainer.of(t5).optimizer(() -> (name, parameter, gradient, step) ->
///     parameter.set(parameter.subtract(gradient.multiply((float) step.rate()))));
/// ```
///
/// The state of a parameter is made at its first update, so frozen parameters hold none. Close it to free the state.
public interface Optimizer extends AutoCloseable {

  /// Updates one parameter, in an open scope in which nothing is recorded.
  ///
  /// @param name the parameter's canonical name
  /// @param parameter the parameter
  /// @param gradient its gradient, float32 and clipped already
  /// @param step the numbers of this update
  void update(String name, Parameter parameter, Tensor gradient, Step step);

  /// Bytes that the state holds.
  default long bytes() {
    return state().values().stream().mapToLong(p -> p.type().bytes(p.elements())).sum();
  }

  /// The state's tensors by name: the parameter's, a dot, and the tensor's own. A checkpoint holds them, so that a run
  /// goes on bit for bit.
  default Map<String, Parameter> state() {
    return Map.of();
  }

  /// Makes the state of a parameter, to be filled from a checkpoint.
  ///
  /// @param name the parameter's canonical name
  /// @param parameter the parameter
  default void restore(String name, Parameter parameter) {}

  @Override
  default void close() {}

  /// The numbers of one parameter's update.
  ///
  /// @param rate the learning rate
  /// @param decay decoupled weight decay
  /// @param count which of this parameter's updates it is, from 1
  record Step(double rate, double decay, int count) {}

  /// The constants of an optimizer, from which one is made. Best a record: a run is continued only where they are the same,
  /// as their text says.
  interface Options {
    /// An optimizer without state.
    Optimizer create();

    /// The weight decay if nobody says another.
    default double defaultDecay() {
      return 0;
    }

    /// Whether it has a learning rate of its own, so that what it is given is 1.
    default boolean ownRate() {
      return false;
    }
  }
}
