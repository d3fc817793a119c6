package dev.quintet.models.t5;

import dev.quintet.core.backend.DecoderCall;
import dev.quintet.core.backend.DecoderStep;
import dev.quintet.core.backend.TokenRule;
import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.Linear;
import dev.quintet.core.nn.Overlay;
import dev.quintet.core.nn.ParameterSource;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/// T5: an encoder, a decoder and a head over the vocabulary (Raffel et al., arXiv 1910.10683).
///
/// Covers v1.0, v1.1, LM-adapted and Flan-T5, mT5, UMT5, ByT5 and UL2, which differ by [T5Config] alone. A model owns its parameters;
/// close it when done. Forward passes may run in several threads at once, each in a [Scope] of its own;
/// a backward changes gradients and must be alone.
public final class T5 extends T5EncoderDecoder {
  private final Child<Layer> head;
  private final Lifetime lifetime = new Lifetime(this::free);

  /// Builds a model of given parameters; for checkpoints and tests. See [#create] and
  /// `dev.quintet.models.checkpoint.Checkpoint`.
  ///
  /// @param source gives each parameter by its Hugging Face name; a tied head is not asked for
  public T5(T5Config config, ParameterSource source) {
    super(config, source);
    var weight =
        config.tied()
            ? (config.separate() ? decoder().table() : shared()).weight()
            : source.make("lm_head.weight", Shape.of(config.vocabSize(), config.modelWidth()));
    head = child("lm_head", Layer.class, new Linear(weight));
  }

  /// A new model with random weights, of which each is a function of the seed and its name alone.
  ///
  /// @param config sizes and rules
  /// @param seed the run's seed
  /// @param device where the parameters lie
  public static T5 create(T5Config config, long seed, Device device) {
    return new T5(config, new T5Initializer(config, seed, device, false));
  }

  /// Like [#create], but the head of an untied model gets transformers' deviation of 1, with which the loss
  /// starts near 90, instead of D^-0.5, with which it starts near ln V.
  public static T5 createLikeTransformers(T5Config config, long seed, Device device) {
    return new T5(config, new T5Initializer(config, seed, device, true));
  }

  @Override
  public Architecture architecture() {
    return Architecture.GENERATION;
  }

  // ---- lifetime ----

  /// Begins a call that uses the model, as generation does: [#close] waits until it ends.
  ///
  /// @return the call, to be closed in this thread
  /// @throws IllegalStateException if the model is closed
  public Lifetime.Use use() {
    return lifetime.begin();
  }

  /// Frees all parameters and their gradients, as soon as no call that [#use] knows of runs; later ones are refused at
  /// once. Closing twice does nothing.
  ///
  /// @throws IllegalStateException if a call of this very thread runs, such as one that a listener is called from
  @Override
  public void close() {
    lifetime.close();
  }

  private void free() {
    super.close();
  }

  /// Sizes and the number of parameters.
  @Override
  public String toString() {
    long count =
        Set.copyOf(parameters().values()).stream().mapToLong(one -> one.shape().elements()).sum();
    return "T5["
        + config().encoderLayers()
        + " and "
        + config().decoderLayers()
        + " layers, width "
        + config().modelWidth()
        + ", "
        + config().vocabSize()
        + " tokens, "
        + count
        + " parameters]";
  }

  @Override
  public T5 freeze(String... patterns) {
    super.freeze(patterns);
    return this;
  }

  @Override
  public T5 train(String... patterns) {
    super.train(patterns);
    return this;
  }

  // ---- training ----

  /// A loss and the logits it was computed from.
  ///
  /// @param loss a scalar
  /// @param logits `[B, T, V]`
  public record Result(Tensor loss, Tensor logits) {}

  /// The cross entropy of labels, whose decoder inputs are the labels shifted right behind the start id.
  ///
  /// @param inputIds int32 `[B, S]`
  /// @param attentionMask int32 `[B, S]`, 0 where an id is padding
  /// @param labels int32 `[B, T]`, -100 where none counts; if none counts at all, the loss is 0
  /// @param pass whether dropout drops, and by which counters
  /// @param options how the mean is taken
  public Result loss(
      Tensor inputIds,
      Tensor attentionMask,
      Tensor labels,
      Pass pass,
      CrossEntropyOptions options) {
    checkIds("labels", labels, inputIds.shape().dim(0));
    return loss(inputIds, attentionMask, shiftRight(labels), labels, pass, options);
  }

  /// The cross entropy of labels, whose decoder inputs are given.
  ///
  /// @param inputIds int32 `[B, S]`
  /// @param attentionMask int32 `[B, S]`, 0 where an id is padding
  /// @param decoderIds int32 `[B, T]`, the start id first
  /// @param labels int32 `[B, T]`, -100 where none counts; if none counts at all, the loss is 0
  /// @param pass whether dropout drops, and by which counters
  /// @param options how the mean is taken
  public Result loss(
      Tensor inputIds,
      Tensor attentionMask,
      Tensor decoderIds,
      Tensor labels,
      Pass pass,
      CrossEntropyOptions options) {
    checkIds("labels", labels, inputIds.shape().dim(0));
    int length = decoderIds.shape().dim(1);
    Tensor states =
        packed(inputIds, attentionMask, decoderIds, rows -> filled(rows.length, length), pass)
            .map(PackedStates::padded)
            .orElseGet(() ->
                decode(decoderIds, encode(inputIds, attentionMask, pass), attentionMask, pass));
    Tensor logits = logits(states, pass);
    return new Result(logits.crossEntropy(labels, options), logits);
  }

  /// Like [#loss] of given decoder inputs, without the logits, which are never held all at once.
  ///
  /// @param inputIds int32 `[B, S]`
  /// @param attentionMask int32 `[B, S]`, 0 where an id is padding
  /// @param decoderIds int32 `[B, T]`: the start id, then the labels but the last
  /// @param labels int32 `[B, T]`, -100 where none counts
  /// @param pass whether dropout drops, and by which counters
  /// @param options how the mean is taken
  /// @return a scalar
  public Tensor crossEntropy(
      Tensor inputIds,
      Tensor attentionMask,
      Tensor decoderIds,
      Tensor labels,
      Pass pass,
      CrossEntropyOptions options) {
    checkIds("labels", labels, inputIds.shape().dim(0));
    checkPairs(decoderIds, labels);
    return packed(
            inputIds, attentionMask, decoderIds, _ -> counting(labels, options.ignore()), pass)
        .map(tokens -> crossEntropy(tokens, labels.toInts(), pass, options))
        .orElseGet(() -> {
          Tensor memory = encode(inputIds, attentionMask, pass);
          Tensor states = decode(decoderIds, memory, attentionMask, pass);
          return crossEntropy(states, labels, pass, options);
        });
  }

  private static void checkPairs(Tensor decoderIds, Tensor labels) {
    if (!decoderIds.shape().equals(labels.shape())) {
      throw new IllegalArgumentException(
          "T5: the decoder ids "
              + decoderIds.shape()
              + " must have the shape of the labels "
              + labels.shape());
    }
  }

  /// How many tokens of each target there are up to the last one whose label counts: no other can reach the loss.
  private int[] counting(Tensor labels, int ignore) {
    int length = labels.shape().dim(1);
    int[] all = labels.toInts();
    int[] lengths = new int[labels.shape().dim(0)];
    for (int i = 0; i < all.length; i++) {
      if (all[i] != ignore) {
        if (all[i] < 0 || all[i] >= config().vocabSize()) {
          return new int[lengths.length]; // with padding it is refused by its place
        }
        lengths[i / length] = i % length + 1;
      }
    }
    return lengths;
  }

  /// The cross entropy of the labels that count alone.
  private Tensor crossEntropy(
      PackedStates tokens, int[] labels, Pass pass, CrossEntropyOptions options) {
    int[] places = tokens.rows().flat().toArray();
    int[] counting =
        IntStream.range(0, places.length)
            .filter(i -> labels[places[i]] != options.ignore())
            .toArray();
    Shape shape = Shape.of(counting.length);
    Tensor states =
        counting.length == places.length
            ? tokens.states()
            : tokens.states().rows(Tensor.ofInts(shape, counting));
    int[] order = IntStream.of(counting).map(i -> places[i]).toArray();
    int[] kept = IntStream.of(order).map(place -> labels[place]).toArray();
    var among = new CrossEntropyOptions.Order(Tensor.ofInts(shape, order), labels.length);
    return crossEntropy(states, Tensor.ofInts(shape, kept), pass, options.withOrder(among));
  }

  /// Like [#crossEntropy] of rows that hold several pairs each, which do not see one another: what each pair has alone.
  ///
  /// @param inputIds int32 `[B, S]`, the sources of a row's pairs one behind the other
  /// @param decoderIds int32 `[B, T]`: of each pair the start id, then its labels but the last
  /// @param labels int32 `[B, T]`, -100 where none counts
  /// @param segments which pair each id belongs to
  /// @param pass whether dropout drops, and by which counters
  /// @param options how the mean is taken
  /// @return a scalar
  public Tensor packedCrossEntropy(
      Tensor inputIds,
      Tensor decoderIds,
      Tensor labels,
      Segments segments,
      Pass pass,
      CrossEntropyOptions options) {
    checkIds("labels", labels, inputIds.shape().dim(0));
    Tensor states = packedStates(inputIds, decoderIds, segments, pass);
    return crossEntropy(states, labels, pass, options);
  }

  private Tensor crossEntropy(
      Tensor states, Tensor labels, Pass pass, CrossEntropyOptions options) {
    return watched(() ->
        Overlay.now(head.get()) instanceof Linear plain
                && plain.bias().isEmpty()
                && plain.weight().form().isEmpty()
            ? scaled(states).linearCrossEntropy(plain.weight(), labels, options)
            : logits(states, pass).crossEntropy(labels, options));
  }

  /// The head: logits `[..., V]` of the decoder's states `[..., D]`.
  public Tensor logits(Tensor states) {
    return logits(states, Pass.inference());
  }

  /// The head: logits `[..., V]` of the decoder's states `[..., D]`.
  ///
  /// @param pass whether this is training, for heads that drop
  public Tensor logits(Tensor states, Pass pass) {
    return watched(() -> head.get().apply(scaled(states), pass));
  }

  private Tensor scaled(Tensor states) {
    return config().scaled() ? states.multiply(scale()) : states;
  }

  private float scale() {
    return config().scaled() ? (float) Math.pow(config().modelWidth(), -0.5) : 1;
  }

  // ---- decoding token by token ----

  /// A cache for decoding behind these encoder states, in the current scope; their keys and values are computed here.
  ///
  /// @param memory the encoder's states, `[B, S, D]`
  /// @param attentionMask int32 `[B, S]` of the encoder's inputs
  /// @param capacity the most tokens that will be decoded, the start id included
  public DecoderCache cache(Tensor memory, Tensor attentionMask, int capacity) {
    return cache(memory, attentionMask, capacity, 1);
  }

  /// A cache for decoding several beams of each input, which share the encoder's keys and values. The rows that are
  /// decoded are the beams of the first input, then those of the second, and so on.
  ///
  /// @param memory the encoder's states, `[B, S, D]`
  /// @param attentionMask int32 `[B, S]` of the encoder's inputs
  /// @param capacity the most tokens that will be decoded, the start id included
  /// @param beams rows for each input
  public DecoderCache cache(Tensor memory, Tensor attentionMask, int capacity, int beams) {
    List<KeysAndValues> memories = decoder().memories(memory, Pass.inference());
    var biases = new HashMap<RelativePositionBias, Tensor>();
    for (T5Block block : decoder().blocks()) {
      block.selfAttention().relativeBias().ifPresent(bias -> biases.put(bias, bias.table()));
    }
    DecoderCache cache =
        new DecoderCache(memories, biases, seen(memory, attentionMask).keys(), capacity, beams);
    cache.planBy(() -> DecoderPlan.of(this, cache));
    return cache;
  }

  /// The logits `[B, V]` that follow the next ids; the cache then holds these too.
  ///
  /// @param ids int32 `[B, T]`, behind what is cached
  /// @param cache from [#cache]
  /// @throws IllegalStateException if the cache is full
  public Tensor step(Tensor ids, DecoderCache cache) {
    int count = ids.shape().dim(1);
    cache.checkRoom(count);
    cache.settle();
    Tensor logits =
        Scope.local(() -> {
          Tensor states = watched(() -> decoder().step(ids, cache));
          Tensor last = count == 1 ? states : states.slice(1, count - 1, count);
          return logits(last.reshape(ids.shape().dim(0), config().modelWidth()));
        });
    cache.advance(count);
    return logits;
  }

  /// The logits `[B, V]` that follow one more id of each row; the cache then holds it too. As [#step(Tensor,
  /// DecoderCache)], but quicker where the device plans such steps.
  ///
  /// @param ids one for each row
  /// @param cache from [#cache]
  /// @throws IllegalStateException if the cache is full
  public Tensor step(int[] ids, DecoderCache cache) {
    Optional<DecoderStep> planned = planned(ids, cache);
    if (planned.isEmpty()) {
      return step(Tensor.ofInts(Shape.of(ids.length, 1), ids), cache);
    }
    Tensor logits = Tensor.empty(Shape.of(ids.length, config().vocabSize()), DType.F32);
    run(planned.get(), ids, cache, step -> step.logits(logits.address()));
    return logits;
  }

  /// The likeliest ids that follow one more id of each row; the cache then holds it too. Of equal logits the first counts,
  /// and what is no number counts as larger than all.
  ///
  /// @param ids one for each row
  /// @param cache from [#cache]
  /// @param into receives one for each row; may be `ids`
  /// @throws IllegalStateException if the cache is full
  public void likeliest(int[] ids, DecoderCache cache, int[] into) {
    Optional<DecoderStep> planned = planned(ids, cache);
    if (planned.isEmpty()) {
      try (var _ = Scope.open(cache.device())) {
        Tensor logits = step(Tensor.ofInts(Shape.of(ids.length, 1), ids), cache);
        int[] found = logits.cast(DType.F32).argMax().toInts();
        System.arraycopy(found, 0, into, 0, found.length);
      }
      return;
    }
    run(planned.get(), ids, cache, step -> step.likeliest(into));
  }

  /// Reads one more id of each row and lets the device itself choose those behind it, as many as there is room for, at most
  /// so many; the cache then holds what was read. The host waits once, whatever their number.
  ///
  /// @param ids one for each row
  /// @param cache from [#cache]
  /// @param ended rows that have ended before, which get the rule's pad id
  /// @param rule by which tokens are chosen; the same object each time is the quickest
  /// @param most how many tokens to choose for each row
  /// @param into receives them, `[tokens, rows]`
  /// @return how many were chosen for each row, fewer where all rows have ended; 0 where the device does not choose by
  ///     itself, and nothing was done
  /// @throws IllegalStateException if the cache is full
  public int choose(
      int[] ids, DecoderCache cache, boolean[] ended, TokenRule rule, int most, int[] into) {
    Optional<DecoderStep> planned = planned(ids, cache);
    if (planned.isEmpty()) {
      return 0;
    }
    int position = cache.length();
    int count = Math.min(most, cache.capacity() - position);
    int chosen = planned.get().choose(ids, position, ended, rule, count, into);
    cache.advance(chosen);
    return chosen;
  }

  private void run(
      DecoderStep step, int[] ids, DecoderCache cache, Consumer<DecoderStep> afterwards) {
    var _ =
        watched(() -> {
          step.run(ids, cache.length());
          afterwards.accept(step);
          return step;
        });
    cache.advance(1);
  }

  private static Optional<DecoderStep> planned(int[] ids, DecoderCache cache) {
    if (ids.length != cache.rows()) {
      throw new IllegalArgumentException(
          "T5: a step needs one id for each of the cache's "
              + cache.rows()
              + " rows, not "
              + ids.length);
    }
    cache.checkRoom(1);
    return cache.step();
  }

  /// What a planned step consists of; empty if not all parts are plain.
  Optional<DecoderCall> call(PlainParts parts, DecoderCache cache) {
    return parts
        .part(decoderPlace(), T5Stack.class)
        .flatMap(stack -> stack.call(parts, config(), head, scale(), cache));
  }
}
