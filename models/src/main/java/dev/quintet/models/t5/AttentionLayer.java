package dev.quintet.models.t5;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.tensor.AttentionOptions;
import dev.quintet.core.tensor.Tensor;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// An attention in a [T5Block]: [T5Attention], or what takes its place.
public interface AttentionLayer {
  /// The keys and values of states `[B, S, D]`.
  KeysAndValues keysAndValues(Tensor states, Pass pass);

  /// Attends from `x` to given keys and values.
  ///
  /// @param x `[B, T, D]`
  /// @param memory keys and values; of `B / n` rows without causality and relative bias, which every n rows of `x` in
  ///     turn then share, as the beams of one input do
  /// @param options bias and masks
  /// @param pass whether this is training
  /// @return `[B, T, D]`
  Tensor attend(Tensor x, KeysAndValues memory, AttentionOptions options, Pass pass);

  /// Attends from `x` to itself.
  ///
  /// @param x `[B, T, D]`
  /// @param remember takes x's own keys and values and gives those to attend to: a cache's, in a decoder
  /// @param options bias and masks
  /// @param pass whether this is training
  /// @return `[B, T, D]`
  default Tensor attendSelf(
      Tensor x, UnaryOperator<KeysAndValues> remember, AttentionOptions options, Pass pass) {
    return attend(x, remember.apply(keysAndValues(x, pass)), options, pass);
  }

  /// Whether it takes tokens without the padding of their rows, `[tokens, D]`, with the starts of rows in the options: keys and
  /// values are `[tokens, H, K]` then.
  default boolean packs() {
    return false;
  }

  /// The table of relative biases that this attention owns, if any.
  Optional<RelativePositionBias> relativeBias();
}
