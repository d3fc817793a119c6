package dev.quintet.models.t5;

import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.ParameterSource;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.tensor.AttentionOptions;
import dev.quintet.core.tensor.Tensor;
import java.util.Optional;

/// One block of a stack: self-attention, in a decoder attention to the encoder's states, and the feed-forward
/// layer, each with its norm before it and its residual sum around it.
public final class T5Block extends Module {
  private final Child<T5SubLayer<T5Attention>> self;
  private final Optional<Child<T5SubLayer<T5Attention>>> cross;
  private final Child<T5SubLayer<T5FeedForward>> feedForward;

  /// A block.
  ///
  /// @param config sizes
  /// @param decoder whether it attends to an encoder
  /// @param biased whether its self-attention owns a table of relative biases
  /// @param source gives the weights
  T5Block(T5Config config, boolean decoder, boolean biased, ParameterSource source) {
    self = attention(config, "layer.0", "SelfAttention", biased, !decoder, source);
    cross =
        decoder
            ? Optional.of(attention(config, "layer.1", "EncDecAttention", false, false, source))
            : Optional.empty();
    String last = decoder ? "layer.2" : "layer.1";
    String dense = "DenseReluDense"; // also where it is gated
    var body = new T5FeedForward(config, source.at(last).at(dense));
    feedForward = child(last, new T5SubLayer<>(config, dense, body, source.at(last)));
  }

  private Child<T5SubLayer<T5Attention>> attention(
      T5Config config,
      String place,
      String name,
      boolean biased,
      boolean bidirectional,
      ParameterSource source) {
    var body = new T5Attention(config, biased, bidirectional, source.at(place).at(name));
    return child(place, new T5SubLayer<>(config, name, body, source.at(place)));
  }

  /// The self-attention.
  public T5Attention selfAttention() {
    return self.get().body();
  }

  /// The attention to the encoder's states.
  ///
  /// @throws IllegalStateException in an encoder's block
  public T5Attention crossAttention() {
    return crossLayer().body();
  }

  private T5SubLayer<T5Attention> crossLayer() {
    return cross
        .orElseThrow(
            () -> new IllegalStateException("an encoder's block attends to no other states"))
        .get();
  }

  /// The block of an encoder: `[B, S, D]` for `[B, S, D]`.
  ///
  /// @param options bias and mask of the self-attention
  Tensor encode(Tensor h, AttentionOptions options, Pass pass) {
    return feedForward(selfAttention(h, options, pass), pass);
  }

  /// The block of a decoder over a whole target: `[B, T, D]` for `[B, T, D]`.
  ///
  /// @param memory the encoder's states, `[B, S, D]`
  /// @param options bias and mask of the self-attention
  /// @param memoryOptions mask of the attention to `memory`
  Tensor decode(
      Tensor h,
      Tensor memory,
      AttentionOptions options,
      AttentionOptions memoryOptions,
      Pass pass) {
    T5Attention attention = crossAttention();
    Tensor attended =
        crossLayer()
            .around(
                selfAttention(h, options, pass),
                x ->
                    attention.attend(
                        x,
                        attention.keys(memory, pass),
                        attention.values(memory, pass),
                        memoryOptions,
                        pass),
                pass);
    return feedForward(attended, pass);
  }

  /// The block of a decoder for the next tokens, `[B, T, D]`, behind those that are cached.
  ///
  /// @param layer this block's part of the cache; the new keys and values are written to it
  /// @param options bias of the self-attention, and where in the cache the tokens stand
  /// @param memoryOptions mask of the attention to the encoder's states
  Tensor step(
      Tensor h,
      DecoderCache.Layer layer,
      AttentionOptions options,
      AttentionOptions memoryOptions) {
    Pass pass = Pass.inference();
    T5Attention own = selfAttention();
    Tensor attended =
        self.get()
            .around(
                h,
                x -> {
                  int from = options.queryOffset();
                  layer.keys().overwrite(1, from, own.keys(x, pass));
                  layer.values().overwrite(1, from, own.values(x, pass));
                  return own.attend(x, layer.keys(), layer.values(), options, pass);
                },
                pass);
    T5Attention other = crossAttention();
    Tensor crossed =
        crossLayer()
            .around(
                attended,
                x -> other.attend(x, layer.memoryKeys(), layer.memoryValues(), memoryOptions, pass),
                pass);
    return feedForward(crossed, pass);
  }

  private Tensor selfAttention(Tensor h, AttentionOptions options, Pass pass) {
    T5Attention attention = selfAttention();
    return self.get()
        .around(
            h,
            x ->
                attention.attend(
                    x, attention.keys(x, pass), attention.values(x, pass), options, pass),
            pass);
  }

  private Tensor feedForward(Tensor h, Pass pass) {
    T5SubLayer<T5FeedForward> layer = feedForward.get();
    return layer.around(h, x -> layer.body().apply(x, pass), pass);
  }
}
