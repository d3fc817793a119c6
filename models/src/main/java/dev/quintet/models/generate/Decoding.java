package dev.quintet.models.generate;

import dev.quintet.core.backend.Distribution;
import dev.quintet.core.backend.Selection;
import dev.quintet.core.backend.Thinning;
import dev.quintet.core.backend.TokenRule;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.random.Philox;
import dev.quintet.core.random.PhiloxState;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.t5.DecoderCache;
import dev.quintet.models.t5.T5;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/// One batch while it is decoded: the network's side of it, and the next tokens of its rows or their scores.
///
/// Each input has as many rows as are followed at once, one behind the other; they share the keys and values of the
/// encoder's states. Scores are read once for all that choose from them; where the device chooses tokens itself, none are
/// ([DeviceChoice]). A step makes no array that grows with the vocabulary or the length.
final class Decoding implements AutoCloseable {
  /// Room for tokens at first; a limit that nobody reaches costs nothing.
  private static final int ROOM = 128;

  /// Tokens that the device chooses at most before anybody looks at them.
  private static final int RUN = 8;

  private final T5 model;
  private final GenerationConfig config;
  private final Hooks hooks;
  private final List<LogitsProcessor> processors;
  private final Optional<DeviceChoice> device;
  private final Ends ends;
  private final DecoderCache cache;
  private final Sequence[] rows;
  private final Philox[] random;
  private final int[] next;
  private final int[] chosen;
  private final int followed;
  private final int maxLength;
  private float[][] scores = {};

  /// Encodes, in the current scope.
  ///
  /// @param followed rows for each input
  Decoding(T5 model, GenerationConfig config, Hooks hooks, PromptBatch batch, int followed) {
    int prompt = batch.prompts()[0].length;
    checkIds(model, config, batch);
    this.model = model;
    this.config = config;
    this.hooks = hooks;
    this.followed = followed;
    this.maxLength = config.maxLength(prompt);
    this.processors = Processors.of(config, prompt, hooks.allowed(), hooks.processors());
    this.ends = new Ends(config, maxLength, StopStrings.added(hooks, config));
    this.rows = new Sequence[batch.size() * followed];
    this.next = new int[rows.length];
    this.chosen = new int[RUN * rows.length];
    this.random = new Philox[config.samples() ? rows.length : 0];
    Arrays.setAll(random, this::random);
    for (int row = 0; row < rows.length; row++) {
      int input = row / followed;
      rows[row] = new Sequence(input, batch.inputIds()[input], batch.prompts()[input], maxLength);
    }
    Tensor mask = tensor(batch.attentionMask());
    boolean reads = !processors.isEmpty() || config.beams() > 1 || config.samples();
    if (reads && mask.backend().memory().host(mask.address(), 1).isPresent()) {
      scores = room();
    }
    Tensor memory = model.encode(tensor(batch.inputIds()), mask, Pass.inference());
    this.cache =
        model.cache(memory, mask, Math.max(prompt, Math.min(ROOM, maxLength - 1)), followed);
    this.device =
        DeviceChoice.of(
            memory,
            processors,
            config,
            rows.length,
            model.config().vocabSize(),
            prompt,
            row -> random(row).state());
    ends.begin();
  }

  /// What the decoder is given must be tokens, the padding behind an end included.
  private static void checkIds(T5 model, GenerationConfig config, PromptBatch batch) {
    int size = model.config().vocabSize();
    for (int[] ids : batch.prompts()) {
      for (int i = 0; i < ids.length; i++) {
        boolean start = i == 0 && ids[i] == config.startId();
        Prohibition.checked(
            ids[i], start ? "decoder_start_token_id" : "the decoder's prompt", size);
      }
    }
    Prohibition.checked(config.padId(), "pad_token_id", size);
  }

  /// Room for the scores of all rows.
  private float[][] room() {
    int vocabulary = model.config().vocabSize();
    long bytes = (long) rows.length * vocabulary * Float.BYTES;
    long most = Runtime.getRuntime().maxMemory() / 2;
    if (bytes > most) {
      throw new IllegalArgumentException(
          "generate: the scores of "
              + rows.length
              + " sequences at once take "
              + (bytes >> 20)
              + " MiB, more than half of the heap's "
              + (most >> 19)
              + "; use fewer beams or returned sequences, a smaller batch, or a larger heap (-Xmx)");
    }
    return new float[rows.length][vocabulary];
  }

  /// All rows; their sequences are the caller's to extend.
  Sequence[] rows() {
    return rows;
  }

  Ends ends() {
    return ends;
  }

  int vocabulary() {
    return model.config().vocabSize();
  }

  int maxLength() {
    return maxLength;
  }

  /// The numbers drawn for a row.
  Philox random(int row) {
    int input = row / followed;
    long number = hooks.numbers().isPresent() ? hooks.numbers().get()[input] : input;
    return Philox.of(hooks.seed(), number << 16 | row % followed);
  }

  /// Chooses tokens of every row: one, or several where the device goes on by itself; see [#chosen].
  ///
  /// @param ended rows whose tokens nobody wants
  /// @return how many for each row
  int choose(boolean[] ended) {
    prepare();
    int length = rows[0].length();
    Optional<Selection> rule = device.flatMap(own -> own.rule(length));
    if (rule.isPresent()) {
      return choose(device.get(), rule.get(), ended);
    }
    if (config.samples()) {
      draw(ended);
    } else if (processors.isEmpty()) {
      likeliest();
    } else {
      process(false);
      for (int row = 0; row < rows.length; row++) {
        chosen[row] = Distribution.likeliest(scores[row]);
      }
    }
    return 1;
  }

  /// A token that was chosen.
  ///
  /// @param token from 0 to before what [#choose] gave
  int chosen(int token, int row) {
    int id = chosen[token * rows.length + row];
    if (id < 0) {
      throw new IllegalStateException(
          "no token can be drawn behind "
              + Arrays.toString(rows[row].ids())
              + ": the processors forbid all, or scores are no numbers (see remove_invalid_values)");
    }
    return id;
  }

  private int choose(DeviceChoice own, Selection rule, boolean[] ended) {
    int length = rows[0].length();
    int most = own.stays(rule, length, Math.min(RUN, maxLength - length));
    if (waiting() == 1) {
      int[] ids = last();
      TokenRule goesOn = own.goesOn(rule, length);
      int count = model.choose(ids, cache, ended, goesOn, most, chosen);
      if (count > 0) {
        own.went(count, most);
        return count;
      }
    }
    if (rule.equals(Selection.LIKELIEST)) {
      likeliest();
    } else {
      try (var _ = Scope.open()) {
        take(own.choose(logits(), rule, length));
      }
    }
    return 1;
  }

  private void likeliest() {
    if (waiting() == 1) {
      model.likeliest(last(), cache, next);
      take(next);
      return;
    }
    try (var _ = Scope.open()) {
      take(logits().argMax().toInts());
    }
  }

  private void take(int[] ids) {
    System.arraycopy(ids, 0, chosen, 0, rows.length);
  }

  private void draw(boolean[] ended) {
    process(false);
    long position = rows[0].length() - rows[0].promptLength();
    for (int row = 0; row < rows.length; row++) {
      PhiloxState state = random[row].state();
      if (state.position() != position) { // the device has drawn meanwhile
        random[row] = Philox.at(new PhiloxState(state.seed(), state.stream(), position));
      }
      double number = random[row].nextDouble();
      chosen[row] = ended[row] ? config.padId() : Thinning.draw(scores[row], number);
    }
  }

  /// The best continuations of all beams, by the device if it can.
  ///
  /// @param sums of the beams' scores, `[rows]`
  /// @param count for each input
  Optional<DeviceChoice.Best> best(float[] sums, int count) {
    Optional<Selection> rule = device.flatMap(own -> own.rule(rows[0].length()));
    if (rule.isEmpty()) {
      return Optional.empty();
    }
    prepare();
    try (var _ = Scope.open()) {
      int inputs = rows.length / followed;
      return Optional.of(device.get().beams(logits(), rule.get(), sums, inputs, count));
    }
  }

  /// The processed logarithms of every row's probabilities, `[rows, V]`, until the next step.
  float[][] scores() {
    prepare();
    process(true);
    return scores;
  }

  /// Reads scores, and lets all processors change them.
  ///
  /// @param logarithmic whether log-probabilities are processed, not logits
  private void process(boolean logarithmic) {
    if (scores.length == 0) {
      scores = room();
    }
    try (var _ = Scope.open()) {
      Tensor logits = logits();
      Tensor read = logarithmic ? logits.logSoftmax() : logits;
      for (int row = 0; row < rows.length; row++) {
        read.read((long) row * scores[row].length, scores[row]);
      }
    }
    for (LogitsProcessor processor : processors) {
      if (processor instanceof GroupProcessor group) {
        for (int from = 0; from < rows.length; from += followed) {
          group.processGroup(rows, scores, from, from + followed);
        }
      } else {
        for (int row = 0; row < rows.length; row++) {
          processor.process(rows[row], scores[row]);
        }
      }
    }
  }

  /// Lets each row go on from another row of its input.
  void reorder(int[] from) {
    cache.reorder(from);
  }

  /// Before each step, in the scope in which the cache was made: doubles it where it is full.
  private void prepare() {
    if (hooks.cancelled().getAsBoolean()) {
      throw new CancellationException(
          "generation was cancelled after "
              + (rows[0].length() - rows[0].promptLength())
              + " tokens");
    }
    int needed = rows[0].length();
    if (needed > cache.capacity()) {
      cache.reserve((int) Math.max(needed, Math.min(2L * cache.capacity(), maxLength - 1L)));
    }
  }

  /// The logits behind what is not yet in the cache, `[rows, V]`.
  private Tensor logits() {
    int count = waiting();
    if (count == 1) {
      return model.step(last(), cache).cast(DType.F32);
    }
    int from = cache.length();
    int[] ids = new int[rows.length * count];
    for (int row = 0; row < rows.length; row++) {
      for (int i = 0; i < count; i++) {
        ids[row * count + i] = rows[row].id(from + i);
      }
    }
    return model.step(Tensor.ofInts(Shape.of(rows.length, count), ids), cache).cast(DType.F32);
  }

  /// The tokens of each row that are not yet in the cache.
  private int waiting() {
    return rows[0].length() - cache.length();
  }

  /// The last token of each row.
  private int[] last() {
    for (int row = 0; row < rows.length; row++) {
      next[row] = rows[row].id(rows[row].length() - 1);
    }
    return next;
  }

  private static Tensor tensor(int[][] rows) {
    int[] flat = Arrays.stream(rows).flatMapToInt(Arrays::stream).toArray();
    return Tensor.ofInts(Shape.of(rows.length, rows[0].length), flat);
  }

  @Override
  public void close() {
    cache.close();
  }
}
