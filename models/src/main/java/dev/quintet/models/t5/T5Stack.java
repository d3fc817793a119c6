package dev.quintet.models.t5;

import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Dropout;
import dev.quintet.core.nn.Embedding;
import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.ParameterSource;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.nn.RmsNorm;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.AttentionOptions;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The encoder or the decoder: embedding, blocks, a last norm.
///
/// The relative bias is the first block's for all blocks, except in UMT5, where every block has its own.
public final class T5Stack extends Module {
  private final Child<Embedding> embedding;
  private final List<Child<T5Block>> blocks = new ArrayList<>();
  private final Child<RmsNorm> norm;
  private final Child<Dropout> dropout;
  private final Child<Dropout> lastDropout;

  /// A stack.
  ///
  /// @param config sizes
  /// @param decoder whether it is the decoder
  /// @param shared the embedding of both stacks
  /// @param source gives the weights
  T5Stack(T5Config config, boolean decoder, Embedding shared, ParameterSource source) {
    embedding = child("embed_tokens", shared);
    int count = decoder ? config.decoderLayers() : config.encoderLayers();
    for (int i = 0; i < count; i++) {
      boolean biased = i == 0 || config.biasInEveryBlock();
      String place = "block." + i;
      blocks.add(child(place, new T5Block(config, decoder, biased, source.at(place))));
    }
    String last = "final_layer_norm";
    norm =
        child(
            last,
            new RmsNorm(
                source.at(last).make("weight", Shape.of(config.modelWidth())), config.epsilon()));
    dropout = child("dropout", new Dropout(config.dropout()));
    lastDropout = child("final_dropout", new Dropout(config.dropout()));
  }

  /// The blocks, the first one first.
  public List<T5Block> blocks() {
    return blocks.stream().map(Child::get).toList();
  }

  /// The encoder's states `[B, S, D]` of int32 ids `[B, S]`.
  ///
  /// @param mask int32 `[B, S]`, 0 where an id is padding
  Tensor encode(Tensor ids, Tensor mask, Pass pass) {
    AttentionOptions options = AttentionOptions.PLAIN.withMask(mask);
    return run(
        ids,
        bias -> options.withBias(bias.table()),
        (block, h, biased) -> block.encode(h, biased, pass),
        pass);
  }

  /// The decoder's states `[B, T, D]` of int32 ids `[B, T]`.
  ///
  /// @param memory the encoder's states, `[B, S, D]`
  /// @param memoryMask int32 `[B, S]`, 0 where a state is padding's
  Tensor decode(Tensor ids, Tensor memory, Tensor memoryMask, Pass pass) {
    AttentionOptions options = AttentionOptions.PLAIN.withCausal();
    AttentionOptions memoryOptions = AttentionOptions.PLAIN.withMask(memoryMask);
    return run(
        ids,
        bias -> options.withBias(bias.table()),
        (block, h, biased) -> block.decode(h, memory, biased, memoryOptions, pass),
        pass);
  }

  /// The decoder's states `[B, T, D]` of the next ids `[B, T]`, behind those that are cached.
  Tensor step(Tensor ids, DecoderCache cache) {
    int keys = cache.length() + ids.shape().dim(1);
    AttentionOptions options = AttentionOptions.PLAIN.withCausal().withCache(cache.length(), keys);
    AttentionOptions memoryOptions = AttentionOptions.PLAIN.withMask(cache.memoryMask());
    var layers = cache.layers().iterator();
    return run(
        ids,
        bias -> options.withBias(cache.bias(bias)),
        (block, h, biased) -> block.step(h, layers.next(), biased, memoryOptions),
        Pass.inference());
  }

  private Tensor run(Tensor ids, Biased biased, Runner runner, Pass pass) {
    return Scope.local(() -> {
      Optional<AttentionOptions> options = Optional.empty();
      var plan = new ArrayList<Step>();
      for (T5Block block : blocks()) {
        Optional<RelativePositionBias> own = block.selfAttention().relativeBias();
        if (own.isPresent()) {
          options = own.map(biased::options);
        }
        plan.add(new Step(block, options.orElseThrow()));
      }
      Tensor h = through(plan, plan.size(), ids, runner, pass);
      return lastDropout.get().apply(norm.get().apply(h, pass), pass);
    });
  }

  // Each block's scope holds the result of the one before it, which so goes as soon as it has been
  // used.
  private Tensor through(List<Step> plan, int count, Tensor ids, Runner runner, Pass pass) {
    if (count == 0) {
      return dropout.get().apply(embedding.get().apply(ids, pass), pass);
    }
    Step step = plan.get(count - 1);
    return Scope.local(() ->
        runner.run(step.block(), through(plan, count - 1, ids, runner, pass), step.options()));
  }

  private record Step(T5Block block, AttentionOptions options) {}

  private interface Biased {
    AttentionOptions options(RelativePositionBias bias);
  }

  private interface Runner {
    Tensor run(T5Block block, Tensor h, AttentionOptions options);
  }
}
