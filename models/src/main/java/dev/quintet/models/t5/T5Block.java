package dev.quintet.models.t5;

import dev.quintet.core.backend.DecoderCall;
import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.ParameterSource;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.tensor.AttentionOptions;
import dev.quintet.core.tensor.Tensor;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// One block of a stack: self-attention, in a decoder attention to the encoder's states, and the feed-forward
/// layer, each with its norm before it and its residual sum around it.
public final class T5Block extends Module {
  private final Child<T5SubLayer<AttentionLayer>> self;
  private final Optional<Child<T5SubLayer<AttentionLayer>>> cross;
  private final Child<T5SubLayer<Layer>> feedForward;

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
    feedForward = child(last, new T5SubLayer<>(config, dense, Layer.class, body, source.at(last)));
  }

  private Child<T5SubLayer<AttentionLayer>> attention(
      T5Config config,
      String place,
      String name,
      boolean biased,
      boolean bidirectional,
      ParameterSource source) {
    var body = new T5Attention(config, biased, bidirectional, source.at(place).at(name));
    return child(
        place, new T5SubLayer<>(config, name, AttentionLayer.class, body, source.at(place)));
  }

  /// The self-attention.
  public AttentionLayer selfAttention() {
    return self.get().body();
  }

  /// The attention to the encoder's states.
  ///
  /// @throws IllegalStateException in an encoder's block
  public AttentionLayer crossAttention() {
    return crossLayer().body();
  }

  private T5SubLayer<AttentionLayer> crossLayer() {
    return cross
        .orElseThrow(
            () -> new IllegalStateException("an encoder's block attends to no other states"))
        .get();
  }

  /// Whether it takes tokens without the padding of their rows.
  boolean packs() {
    return self.get().normsPerToken()
        && self.get().body().packs()
        && cross.map(Child::get).stream().allMatch(one -> one.normsPerToken() && one.body().packs())
        && feedForward.get().normsPerToken()
        && feedForward.get().body().perToken();
  }

  /// The block of an encoder, over `[B, S, D]`.
  ///
  /// @param options bias and mask of the self-attention
  Residual encode(Residual stream, AttentionOptions options, Pass pass) {
    return feedForward(selfAttention(stream, UnaryOperator.identity(), options, pass), pass);
  }

  /// The block of a decoder, over `[B, T, D]`: a whole target, or the next tokens behind those that are cached.
  ///
  /// @param remember takes the tokens' own keys and values and gives those to attend to
  /// @param memory the keys and values of the encoder's states
  /// @param options bias and mask of the self-attention
  /// @param memoryOptions mask of the attention to the encoder's states
  Residual decode(
      Residual stream,
      UnaryOperator<KeysAndValues> remember,
      KeysAndValues memory,
      AttentionOptions options,
      AttentionOptions memoryOptions,
      Pass pass) {
    Residual attended = selfAttention(stream, remember, options, pass);
    T5SubLayer<AttentionLayer> other = crossLayer();
    return feedForward(
        other.around(attended, x -> other.body().attend(x, memory, memoryOptions, pass), pass),
        pass);
  }

  /// Its part of a planned step; empty if not all of it is plain.
  ///
  /// @param bias the table of the biases of its own attention
  Optional<DecoderCall.Block> call(
      PlainParts parts, T5Config config, DecoderCache.Layer cached, Tensor bias) {
    int width = config.modelWidth();
    T5SubLayer<AttentionLayer> first = self.get();
    T5SubLayer<AttentionLayer> second = crossLayer();
    T5SubLayer<Layer> third = feedForward.get();
    var _ = parts.part(self, T5SubLayer.class);
    cross.ifPresent(place -> parts.part(place, T5SubLayer.class));
    var _ = parts.part(feedForward, T5SubLayer.class);
    Optional<T5Attention> own = parts.part(first.place(), T5Attention.class);
    Optional<T5Attention> other = parts.part(second.place(), T5Attention.class);
    Optional<T5FeedForward> last = parts.part(third.place(), T5FeedForward.class);
    if (!parts.plain()) {
      return Optional.empty();
    }
    return Optional.of(
        new DecoderCall.Block(
            own.orElseThrow().own(parts, parts.norm(first.norm(), width), cached.cached(), bias),
            other.orElseThrow().cross(parts, parts.norm(second.norm(), width), cached.memory()),
            last.orElseThrow().call(parts, config, parts.norm(third.norm(), width))));
  }

  private Residual selfAttention(
      Residual stream, UnaryOperator<KeysAndValues> remember, AttentionOptions options, Pass pass) {
    T5SubLayer<AttentionLayer> own = self.get();
    return own.around(stream, x -> own.body().attendSelf(x, remember, options, pass), pass);
  }

  private Residual feedForward(Residual stream, Pass pass) {
    T5SubLayer<Layer> layer = feedForward.get();
    return layer.around(stream, x -> layer.body().apply(x, pass), pass);
  }
}
