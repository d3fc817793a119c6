package dev.quintet.models.t5;

import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Embedding;
import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.ParameterSource;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.AttentionOptions.Seen;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// T5's encoder and decoder over one embedding, or over one each, without a head; [T5] and [T5QuestionAnswerer] add theirs.
public sealed class T5EncoderDecoder extends T5Family permits T5, T5QuestionAnswerer {
  private final Optional<Child<Layer>> shared;
  private final Child<T5Stack> encoder;
  private final Child<T5Stack> decoder;

  /// Builds both stacks of given parameters.
  ///
  /// @param source gives each parameter by its Hugging Face name
  public T5EncoderDecoder(T5Config config, ParameterSource source) {
    super(config);
    Embedding read;
    Embedding written;
    if (config.separate()) {
      read = embedding("encoder.embed_tokens.weight", config.sourceRows(), source);
      written = embedding("decoder.embed_tokens.weight", config.vocabSize(), source);
      shared = Optional.empty();
    } else {
      Embedding both = embedding("shared.weight", config.vocabSize(), source);
      shared = Optional.of(child("shared", Layer.class, both));
      read = config.ownTables() ? own("encoder", source) : both;
      written = config.ownTables() ? own("decoder", source) : both;
    }
    encoder = child("encoder", new T5Stack(config, false, read, source.at("encoder")));
    decoder = child("decoder", new T5Stack(config, true, written, source.at("decoder")));
  }

  private Embedding own(String stack, ParameterSource source) {
    return embedding(stack + ".embed_tokens.weight", config().vocabSize(), source);
  }

  private Embedding embedding(String name, int rows, ParameterSource source) {
    return new Embedding(source.make(name, Shape.of(rows, config().modelWidth())));
  }

  /// New stacks with random weights, of which each is a function of the seed and its name alone.
  public static T5EncoderDecoder createStacks(T5Config config, long seed, Device device) {
    return new T5EncoderDecoder(config, new T5Initializer(config, seed, device, false));
  }

  @Override
  public Architecture architecture() {
    return Architecture.ENCODER_DECODER;
  }

  /// The encoder.
  public final T5Stack encoder() {
    return encoder.get();
  }

  /// The decoder's place.
  final Child<T5Stack> decoderPlace() {
    return decoder;
  }

  /// The decoder.
  public final T5Stack decoder() {
    return decoder.get();
  }

  /// Gradient checkpointing: whether a training keeps only what goes from block to block, and computes a block anew in
  /// the backward. Takes about a third more time and a fraction of the memory; no result depends on it.
  public final void checkpointing(boolean on) {
    encoder().checkpointing(on);
    decoder().checkpointing(on);
  }

  /// The embedding of both stacks, also where another module wraps it; where each stack has one of its own beside it, that
  /// of a tied head alone.
  ///
  /// @throws IllegalStateException if it was replaced, or each stack has a vocabulary of its own
  public final Embedding shared() {
    return shared
        .orElseThrow(() ->
            new IllegalStateException(
                "encoder and decoder have an embedding each here: ask encoder().table() or decoder().table()"))
        .innermost(Embedding.class);
  }

  /// The decoder's inputs for labels: the start id, then the labels but the last; what does not count becomes padding.
  ///
  /// @param labels int32 `[B, T]`
  public final Tensor shiftRight(Tensor labels) {
    int length = labels.shape().dim(1);
    int[] ids = labels.toInts();
    for (int i = ids.length - 1; i >= 0; i--) {
      int before = i % length == 0 ? config().startId() : ids[i - 1];
      ids[i] = before == CrossEntropyOptions.MEAN.ignore() ? config().padId() : before;
    }
    return Tensor.ofInts(labels.shape(), ids);
  }

  /// The encoder's states after its last norm, `[B, S, D]`; where an adapter puts N virtual tokens before each input,
  /// `[B, N + S, D]`. Those of padding are not to be read.
  ///
  /// @param inputIds int32 `[B, S]`
  /// @param attentionMask int32 `[B, S]`, 0 where an id is padding
  public final Tensor encode(Tensor inputIds, Tensor attentionMask, Pass pass) {
    checkIds("input ids", inputIds, inputIds.shape().dim(0));
    checkMask(attentionMask, inputIds);
    return checked(() -> encoder.get().encode(inputIds, attentionMask, pass));
  }

  /// The decoder's states after its last norm, `[B, T, D]`.
  ///
  /// @param decoderIds int32 `[B, T]`, the start id first
  /// @param memory the encoder's states, `[B, S, D]`, or those of virtual tokens too
  /// @param attentionMask int32 `[B, S]` of the encoder's inputs
  public final Tensor decode(Tensor decoderIds, Tensor memory, Tensor attentionMask, Pass pass) {
    checkIds("decoder ids", decoderIds, memory.shape().dim(0));
    return watched(() ->
        decoder
            .get()
            .decode(decoderIds, new Seen.All(), memory, seen(memory, attentionMask), pass));
  }

  /// Which of the encoder's states are seen. Those that the mask does not reach are of virtual tokens, which come first.
  ///
  /// @param memory the encoder's states, `[B, N + S, D]`
  /// @param attentionMask int32 `[B, S]` of the encoder's inputs
  static Seen.Mask seen(Tensor memory, Tensor attentionMask) {
    var inputs = new Seen.Mask(attentionMask);
    int virtual = memory.shape().dim(1) - attentionMask.shape().dim(1);
    return virtual > 0 ? inputs.behind(virtual) : inputs;
  }

  /// Which of the pairs that share a row each id belongs to, from 1; 0 where it is padding. An id sees those of its own pair
  /// alone.
  ///
  /// @param source int32 `[B, S]`
  /// @param target int32 `[B, T]`
  public record Segments(Tensor source, Tensor target) {}

  /// The decoder's states after its last norm, `[B, T, D]`, of rows that hold several pairs.
  ///
  /// @param inputIds int32 `[B, S]`
  /// @param decoderIds int32 `[B, T]`, the start id first in each pair
  /// @param segments which pair each id belongs to
  final Tensor packedStates(Tensor inputIds, Tensor decoderIds, Segments segments, Pass pass) {
    checkIds("input ids", inputIds, inputIds.shape().dim(0));
    checkIds("decoder ids", decoderIds, inputIds.shape().dim(0));
    checkMask(segments.source, inputIds);
    checkMask(segments.target, decoderIds);
    Seen own = new Seen.Segments(segments.source, segments.source);
    Seen before = new Seen.Segments(segments.target, segments.target);
    Seen across = new Seen.Segments(segments.target, segments.source);
    Tensor memory = checked(() -> encoder.get().encode(inputIds, own, pass));
    return watched(() -> decoder.get().decode(decoderIds, before, memory, across, pass));
  }

  /// The decoder's states `[B, S, D]` when it reads the encoder's own inputs, shifted right, as heads of tasks have it.
  ///
  /// @param wanted the tokens of each row whose states are read, from those that the mask shows
  final Tensor readAgain(
      Tensor inputIds, Tensor attentionMask, UnaryOperator<int[]> wanted, Pass pass) {
    Tensor again = shiftRight(inputIds);
    return packed(inputIds, attentionMask, again, wanted, pass)
        .map(PackedStates::padded)
        .orElseGet(() -> decode(again, encode(inputIds, attentionMask, pass), attentionMask, pass));
  }

  /// So many rows of one length.
  static int[] filled(int rows, int length) {
    int[] lengths = new int[rows];
    Arrays.fill(lengths, length);
    return lengths;
  }

  /// The decoder's states of tokens, computed without padding; empty where there is none, or a part has to have it.
  ///
  /// @param inputIds int32 `[B, S]`
  /// @param attentionMask int32 `[B, S]`, 0 where an id is padding
  /// @param decoderIds int32 `[B, T]`, the start id first
  /// @param targets the tokens of each target, from those of each source
  final Optional<PackedStates> packed(
      Tensor inputIds,
      Tensor attentionMask,
      Tensor decoderIds,
      UnaryOperator<int[]> targets,
      Pass pass) {
    int batch = inputIds.shape().dim(0);
    checkIds("input ids", inputIds, batch);
    checkIds("decoder ids", decoderIds, batch);
    checkMask(attentionMask, inputIds);
    if (!decoder().packs()) {
      return Optional.empty();
    }
    int[] sources = PackedRows.lengths(attentionMask).orElse(new int[0]);
    if (sources.length == 0) {
      return Optional.empty();
    }
    int[] wanted = targets.apply(sources);
    long tokens = IntStream.of(sources).asLongStream().sum();
    long written = IntStream.of(wanted).asLongStream().sum();
    if (written == 0 || tokens + written == inputIds.elements() + decoderIds.elements()) {
      return Optional.empty();
    }
    PackedRows read = PackedRows.of(sources, inputIds.shape().dim(1));
    PackedRows rows = PackedRows.of(wanted, decoderIds.shape().dim(1));
    PackedStates memory = memory(inputIds, attentionMask, read, pass);
    return Optional.of(watched(() -> decoder().decode(decoderIds, rows, memory, pass)));
  }

  private PackedStates memory(Tensor inputIds, Tensor attentionMask, PackedRows read, Pass pass) {
    return encoder().packs()
        ? checked(() -> encoder().encode(inputIds, read, pass))
        : read.packed(encode(inputIds, attentionMask, pass));
  }
}
