package dev.quintet.models.generate;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.random.Philox;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.t5.DecoderCache;
import dev.quintet.models.t5.T5;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;

/// One batch while it is decoded: the network's side of it, and the scores of each row's next token.
///
/// Each input has as many rows as are followed at once, one behind the other; they share the keys and values of the
/// encoder's states. All arrays are made here: a step makes none that grow with the vocabulary or the length.
final class Decoding {
  /// Room for tokens at first; a limit that nobody reaches costs nothing.
  private static final int ROOM = 128;

  private final T5 model;
  private final Hooks hooks;
  private final List<LogitsProcessor> processors;
  private final Ends ends;
  private final DecoderCache cache;
  private final Sequence[] rows;
  private final float[][] scores;
  private final int[] next;
  private final int followed;
  private final int maxLength;

  /// Encodes, in the current scope.
  ///
  /// @param followed rows for each input
  Decoding(T5 model, GenerationConfig config, Hooks hooks, PromptBatch batch, int followed) {
    int prompt = batch.prompts()[0].length;
    checkIds(model, config, batch);
    this.model = model;
    this.hooks = hooks;
    this.followed = followed;
    this.maxLength = config.maxLength(prompt);
    this.processors = Processors.of(config, prompt, hooks.allowed(), hooks.processors());
    this.ends = new Ends(config, maxLength, StopStrings.added(hooks, config));
    this.rows = new Sequence[batch.size() * followed];
    this.next = new int[rows.length];
    for (int row = 0; row < rows.length; row++) {
      int input = row / followed;
      rows[row] = new Sequence(input, batch.inputIds()[input], batch.prompts()[input], maxLength);
    }
    boolean reads = !processors.isEmpty() || config.beams() > 1 || config.samples();
    checkMemory(reads ? rows.length : 0, model.config().vocabSize());
    this.scores = new float[reads ? rows.length : 0][reads ? model.config().vocabSize() : 0];
    Tensor mask = tensor(batch.attentionMask());
    Tensor memory = model.encode(tensor(batch.inputIds()), mask, Pass.inference());
    this.cache =
        model.cache(memory, mask, Math.max(prompt, Math.min(ROOM, maxLength - 1)), followed);
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

  private static void checkMemory(int rows, int vocabulary) {
    long bytes = (long) rows * vocabulary * Float.BYTES;
    long most = Runtime.getRuntime().maxMemory() / 2;
    if (bytes > most) {
      throw new IllegalArgumentException(
          "generate: the scores of "
              + rows
              + " sequences at once take "
              + (bytes >> 20)
              + " MiB, more than half of the heap's "
              + (most >> 19)
              + "; use fewer beams or returned sequences, a smaller batch, or a larger heap (-Xmx)");
    }
  }

  /// All rows; their sequences are the caller's to extend.
  Sequence[] rows() {
    return rows;
  }

  Ends ends() {
    return ends;
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

  /// The likeliest next token of every row, until the next step.
  int[] likeliest() {
    if (processors.isEmpty()) {
      prepare();
      if (waiting() == 1) {
        model.likeliest(last(), cache, next);
        return next;
      }
      try (var _ = Scope.open()) {
        return logits().argMax().toInts();
      }
    }
    scores(false);
    return Arrays.stream(scores).mapToInt(Decoding::largest).toArray();
  }

  /// The processed scores of every row's next token, `[rows, V]`, until the next step.
  ///
  /// @param logarithmic whether log-probabilities are processed, not logits
  float[][] scores(boolean logarithmic) {
    prepare();
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
    return scores;
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

  /// The first of the largest; what is no number counts as larger than all, as in PyTorch.
  private static int largest(float[] scores) {
    int best = 0;
    for (int i = 1; i < scores.length; i++) {
      if (greater(scores[i], scores[best])) {
        best = i;
      }
    }
    return best;
  }

  /// Whether a stands before b in PyTorch's order, in which NaN is the largest number.
  static boolean greater(float a, float b) {
    return a > b || (Float.isNaN(a) && !Float.isNaN(b));
  }

  private static Tensor tensor(int[][] rows) {
    int[] flat = Arrays.stream(rows).flatMapToInt(Arrays::stream).toArray();
    return Tensor.ofInts(Shape.of(rows.length, rows[0].length), flat);
  }
}
