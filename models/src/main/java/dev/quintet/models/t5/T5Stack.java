package dev.quintet.models.t5;

import dev.quintet.core.backend.DecoderCall;
import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Dropout;
import dev.quintet.core.nn.Embedding;
import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.ParameterSource;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.nn.RmsNorm;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.AttentionOptions;
import dev.quintet.core.tensor.AttentionOptions.Seen;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// The encoder or the decoder: embedding, blocks, a last norm.
///
/// The relative bias is the first block's for all blocks, except in UMT5, where every block has its own.
public final class T5Stack extends Module {
  private final Child<Layer> embedding;
  private final List<Child<T5Block>> blocks = new ArrayList<>();
  private final Child<Layer> norm;
  private final Child<Dropout> dropout;
  private final Child<Dropout> lastDropout;
  private boolean checkpointing;
  private boolean packing = true;

  /// A stack.
  ///
  /// @param config sizes
  /// @param decoder whether it is the decoder
  /// @param shared the embedding of both stacks
  /// @param source gives the weights
  T5Stack(T5Config config, boolean decoder, Embedding shared, ParameterSource source) {
    embedding = child("embed_tokens", Layer.class, shared);
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
            Layer.class,
            new RmsNorm(
                source.at(last).make("weight", Shape.of(config.modelWidth())), config.epsilon()));
    dropout = child("dropout", new Dropout(config.dropout()));
    lastDropout = child("final_dropout", new Dropout(config.dropout()));
  }

  /// The embedding of its ids, also where another module wraps it.
  ///
  /// @throws IllegalStateException if it was replaced
  public Embedding table() {
    return embedding.innermost(Embedding.class);
  }

  /// The blocks, the first one first.
  public List<T5Block> blocks() {
    return blocks.stream().map(Child::get).toList();
  }

  /// Whether blocks are computed anew in the backward instead of being kept from the forward.
  void checkpointing(boolean on) {
    checkpointing = on;
  }

  /// Whether padding is left out where it can be; without it rows are computed with their padding.
  void packing(boolean on) {
    packing = on;
  }

  /// Whether padding is left out where it can be.
  boolean packing() {
    return packing;
  }

  /// Whether it takes tokens without the padding of their rows: where its device gains by it, and all its parts make each token
  /// of that token alone, but for attentions.
  boolean packs() {
    return packing
        && norm.get().perToken()
        && blocks.stream().allMatch(each -> each.get().packs())
        && Scope.current().backend().skipsPadding();
  }

  /// The encoder's states `[B, S, D]` of int32 ids `[B, S]`; with virtual tokens before the ids, theirs too. Those of padding
  /// are not to be read.
  ///
  /// @param mask int32 `[B, S]`, 0 where an id is padding
  Tensor encode(Tensor ids, Tensor mask, Pass pass) {
    Optional<int[]> lengths = packs() ? PackedRows.lengths(mask) : Optional.empty();
    return lengths
        .map(each -> PackedRows.of(each, ids.shape().dim(1)))
        .filter(rows -> rows.tokens() < ids.elements())
        .map(rows -> Scope.local(() -> encode(ids, rows, pass).padded()))
        .orElseGet(() -> encode(ids, new Seen.Mask(mask), pass));
  }

  /// The encoder's states of tokens; with virtual tokens before each row, theirs too.
  ///
  /// @param ids int32 `[B, S]`
  PackedStates encode(Tensor ids, PackedRows rows, Pass pass) {
    return PackedStates.local(() -> {
      PackedStates embedded = embed(ids, rows, pass);
      PackedRows all = embedded.rows();
      return new PackedStates(
          encode(embedded.states(), AttentionOptions.PLAIN.withSeen(all.see(all)), all.in(pass)),
          all);
    });
  }

  private Tensor encode(Tensor embedded, AttentionOptions options, Pass pass) {
    return run(
        embedded,
        options,
        RelativePositionBias::table,
        (i, stream, biased) -> block(i).encode(stream, biased, pass),
        List.of(),
        pass);
  }

  /// The decoder's states of tokens.
  ///
  /// @param ids int32 `[B, T]`
  /// @param memory the encoder's
  PackedStates decode(Tensor ids, PackedRows rows, PackedStates memory, Pass pass) {
    return PackedStates.local(() -> {
      PackedStates embedded = embed(ids, rows, pass);
      PackedRows all = embedded.rows();
      PackedRows others = memory.rows();
      return new PackedStates(
          decode(
              embedded.states(),
              AttentionOptions.PLAIN.withSeen(all.see(all)).withCausal(),
              memory.states(),
              AttentionOptions.PLAIN.withSeen(all.see(others)),
              all.in(pass),
              others.in(pass)),
          all);
    });
  }

  /// The embedded tokens of rows, with the virtual ones that an adapter puts before each.
  private PackedStates embed(Tensor ids, PackedRows rows, Pass pass) {
    Layer layer = embedding.get();
    if (layer.perToken()) {
      int[] tokens = rows.pick(ids.toInts());
      Tensor packed = Tensor.ofInts(Shape.of(tokens.length), tokens);
      return new PackedStates(layer.apply(packed, pass), rows);
    }
    return rows.packed(layer.apply(ids, pass));
  }

  /// The encoder's states `[B, S, D]` of int32 ids `[B, S]`; with virtual tokens before the ids, theirs too.
  ///
  /// @param seen which ids each one sees
  Tensor encode(Tensor ids, Seen seen, Pass pass) {
    return Scope.local(() -> {
      Tensor embedded = embedding.get().apply(ids, pass);
      return encode(embedded, AttentionOptions.PLAIN.withSeen(behind(seen, embedded, ids)), pass);
    });
  }

  /// The decoder's states `[B, T, D]` of int32 ids `[B, T]`.
  ///
  /// @param seen which of them each one sees, but for later ones
  /// @param memory the encoder's states, `[B, S, D]`
  /// @param memorySeen which of those each id sees
  Tensor decode(Tensor ids, Seen seen, Tensor memory, Seen memorySeen, Pass pass) {
    AttentionOptions memoryOptions = AttentionOptions.PLAIN.withSeen(memorySeen);
    return Scope.local(() -> {
      Tensor embedded = embedding.get().apply(ids, pass);
      AttentionOptions options =
          AttentionOptions.PLAIN.withSeen(behind(seen, embedded, ids)).withCausal();
      return decode(embedded, options, memory, memoryOptions, pass, pass);
    });
  }

  /// What tokens see of those before which an adapter's embedding may have put virtual ones.
  private static Seen behind(Seen seen, Tensor embedded, Tensor ids) {
    int virtual = embedded.shape().dim(1) - ids.shape().dim(1);
    return virtual > 0 ? seen.behind(virtual) : seen;
  }

  /// @param inMemory the pass over the memory's tokens
  private Tensor decode(
      Tensor embedded,
      AttentionOptions options,
      Tensor memory,
      AttentionOptions memoryOptions,
      Pass pass,
      Pass inMemory) {
    // A backward needs those of all blocks, which are then made together; else each goes with its
    // block.
    boolean together = Scope.current().recording();
    List<KeysAndValues> memories = together ? memories(memory, inMemory) : List.of();
    return run(
        embedded,
        options,
        RelativePositionBias::table,
        (i, stream, biased) -> {
          KeysAndValues own =
              together
                  ? memories.get(i)
                  : block(i).crossAttention().keysAndValues(memory, inMemory);
          return block(i)
              .decode(stream, UnaryOperator.identity(), own, biased, memoryOptions, pass);
        },
        memories,
        pass);
  }

  /// The keys and values of the encoder's states `[B, S, D]` in each block.
  List<KeysAndValues> memories(Tensor memory, Pass pass) {
    return T5Attention.memories(
        blocks().stream().map(T5Block::crossAttention).toList(), memory, pass);
  }

  /// The decoder's states `[B, T, D]` of the next ids `[B, T]`, behind those that are cached.
  Tensor step(Tensor ids, DecoderCache cache) {
    int length = ids.shape().dim(1);
    int from = cache.length();
    AttentionOptions options = AttentionOptions.PLAIN.withCausal().withCache(from, from + length);
    AttentionOptions memoryOptions = AttentionOptions.PLAIN.withMask(cache.memoryMask());
    Pass pass = Pass.inference();
    return Scope.local(() -> {
      Tensor embedded = embedding.get().apply(ids, pass);
      return run(
          embedded,
          options.withSeen(behind(options.seen(), embedded, ids)),
          cache::bias,
          (i, stream, biased) -> {
            DecoderCache.Layer layer = cache.layers().get(i);
            return block(i)
                .decode(
                    stream,
                    own -> layer.put(from, own),
                    layer.memory(),
                    biased,
                    memoryOptions,
                    pass);
          },
          List.of(),
          pass);
    });
  }

  /// The parts of a planned step; empty if not all of them are plain.
  ///
  /// @param head the place of the head behind it
  /// @param scale factor of the states before the head
  Optional<DecoderCall> call(
      PlainParts parts, T5Config config, Child<Layer> head, float scale, DecoderCache cache) {
    int width = config.modelWidth();
    var made = new ArrayList<DecoderCall.Block>();
    Optional<Tensor> shared = Optional.empty();
    for (int i = 0; i < blocks.size(); i++) {
      Optional<Tensor> own = block(i).selfAttention().relativeBias().map(cache::bias);
      shared = own.isPresent() ? own : shared;
      var _ = parts.part(blocks.get(i), T5Block.class);
      if (shared.isEmpty()) {
        return Optional.empty();
      }
      Optional<DecoderCall.Block> block =
          block(i).call(parts, config, cache.layers().get(i), shared.get());
      if (block.isEmpty()) {
        return Optional.empty();
      }
      made.add(block.get());
    }
    if (made.isEmpty()) {
      return Optional.empty();
    }
    Shape memory = cache.layers().getFirst().memory().keys().shape();
    var sizes =
        new DecoderCall.Sizes(
            memory.dim(0),
            cache.beams(),
            memory.dim(1),
            cache.capacity(),
            config.heads(),
            config.headWidth(),
            config.epsilon());
    var call =
        new DecoderCall(
            sizes,
            parts.type(),
            parts.table(embedding, config.vocabSize(), width),
            made,
            parts.norm(norm, width),
            scale,
            parts.projection(head, config.vocabSize(), width),
            cache.memoryMask().address());
    return parts.plain() ? Optional.of(call) : Optional.empty();
  }

  private T5Block block(int i) {
    return blocks.get(i).get();
  }

  private Tensor run(
      Tensor embedded,
      AttentionOptions plain,
      Function<RelativePositionBias, Tensor> table,
      Step step,
      List<KeysAndValues> memories,
      Pass pass) {
    Residual stream = Residual.of(dropout.get().apply(embedded, pass));
    AttentionOptions shared = plain;
    for (int i = 0; i < blocks.size(); i++) {
      Optional<Tensor> own = block(i).selfAttention().relativeBias().map(table);
      AttentionOptions options = own.isPresent() ? plain.withBias(own.get()) : shared;
      shared = options;
      int place = i;
      UnaryOperator<Residual> part = before -> step.run(place, before, options);
      stream =
          checkpointing && Scope.current().recording()
              ? stream.checkpoint(reads(i, options, memories), part)
              : part.apply(stream);
    }
    return lastDropout.get().apply(stream.normed(norm.get(), pass).get(1), pass);
  }

  /// What a block reads that a gradient may reach, or that nobody else keeps: a mask that has grown.
  private List<Tensor> reads(int i, AttentionOptions options, List<KeysAndValues> memories) {
    var reads = new ArrayList<Tensor>(block(i).parameters().values());
    options.bias().ifPresent(reads::add);
    reads.addAll(options.seen().numbers());
    if (!memories.isEmpty()) {
      reads.add(memories.get(i).keys());
      reads.add(memories.get(i).values());
    }
    return reads;
  }

  private interface Step {
    Residual run(int block, Residual stream, AttentionOptions options);
  }
}
