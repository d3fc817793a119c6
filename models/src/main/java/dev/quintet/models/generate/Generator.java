package dev.quintet.models.generate;

import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Scope;
import dev.quintet.models.t5.T5;
import dev.quintet.tokenizers.Tokenizer;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/// Generates with a [T5]: encodes once, then decodes token by token from a cache of keys and values.
///
/// Greedy, with beams, or drawing at random, as the options say. What is drawn for an input depends on the seed and the
/// input's number, not on its neighbours or on threads. May be used by several threads at once; each call opens a scope
/// of its own. The model stays the caller's.
public final class Generator {
  private final T5 model;
  private final Hooks hooks;

  private Generator(T5 model, Hooks hooks) {
    this.model = model;
    this.hooks = hooks;
  }

  /// A generator for a model.
  public static Generator of(T5 model) {
    return new Generator(
        Objects.requireNonNull(model, "Generator.of: the model is null"), Hooks.NONE);
  }

  /// This generator with one more processor, behind those of the options except the ones that thin out what is drawn from.
  public Generator with(LogitsProcessor processor) {
    return new Generator(model, hooks.withProcessor(processor));
  }

  /// This generator with a rule of which tokens may come.
  public Generator withAllowed(AllowedTokens rule) {
    return new Generator(model, hooks.withAllowed(rule));
  }

  /// This generator with one more end of sequences.
  public Generator withStop(StopCondition condition) {
    return new Generator(model, hooks.withStop(condition));
  }

  /// This generator with a listener that hears of each token; not under beams, whose tokens may yet be dropped.
  public Generator withListener(TokenListener hears) {
    return new Generator(model, hooks.withListener(hears));
  }

  /// This generator with the tokenizer that `stop_strings` need.
  public Generator withTokenizer(Tokenizer tokenizer) {
    return new Generator(model, hooks.withTokenizer(tokenizer));
  }

  /// This generator with a question that is asked before each token, or before up to eight where a device chooses them by
  /// itself; if it is answered with true, the call ends with a [java.util.concurrent.CancellationException].
  public Generator withCancelled(BooleanSupplier cancelled) {
    return new Generator(model, hooks.withCancelled(cancelled));
  }

  /// This generator with the decoder's first ids, a row for each input, all of one length. The start id is put before
  /// them unless a row begins with it.
  public Generator withPrompts(int[][] ids) {
    return new Generator(model, hooks.withPrompts(ids));
  }

  /// This generator with another seed of what is drawn at random; 0 at first.
  public Generator withSeed(long seed) {
    return new Generator(model, hooks.withSeed(seed));
  }

  /// This generator with a number for each input, which with the seed determines what is drawn for it; otherwise that is
  /// its row. For inputs that are one call's part of a whole.
  public Generator withNumbers(long... numbers) {
    return new Generator(model, hooks.withNumbers(numbers.clone()));
  }

  /// Generates for inputs of any lengths, which are padded; padding ids within them are masked too.
  ///
  /// @param inputs ids of each row, at least one
  /// @param config the options
  /// @return for each row the decoder's ids, the start id first, padded behind the end to the longest
  /// @throws UnsupportedOperationException if an option asks for what there is not
  public int[][] generate(List<int[]> inputs, GenerationConfig config) {
    return generateScored(inputs, config).sequences();
  }

  /// Like [#generate(List, GenerationConfig)], with the scores of beams.
  ///
  /// @throws UnsupportedOperationException if an option asks for what there is not
  public Generated generateScored(List<int[]> inputs, GenerationConfig config) {
    Objects.requireNonNull(config, "generate: the options are null");
    for (int row = 0; row < inputs.size(); row++) {
      Objects.requireNonNull(inputs.get(row), "generate: input " + row + " is null");
    }
    int length = inputs.stream().mapToInt(ids -> ids.length).max().orElse(0);
    int pad = config.padId();
    int[][] ids = new int[inputs.size()][length];
    int[][] mask = new int[inputs.size()][length];
    for (int row = 0; row < ids.length; row++) {
      int[] given = inputs.get(row);
      for (int i = 0; i < length; i++) {
        ids[row][i] = i < given.length ? given[i] : pad;
        mask[row][i] = ids[row][i] == pad ? 0 : 1;
      }
    }
    return generateScored(ids, mask, config);
  }

  /// Generates for a padded batch.
  ///
  /// @param inputIds `[B, S]`
  /// @param attentionMask `[B, S]`, 0 where an id is padding
  /// @param config the options
  /// @return for each row the decoder's ids, the start id first, padded behind the end to the longest
  /// @throws UnsupportedOperationException if an option asks for what there is not
  public int[][] generate(int[][] inputIds, int[][] attentionMask, GenerationConfig config) {
    return generateScored(inputIds, attentionMask, config).sequences();
  }

  /// What was generated.
  ///
  /// @param sequences the decoder's ids, the start id first; several rows for each input where the options ask for
  ///     them, under beams the best first
  /// @param lengths how many ids of each row there are before the padding
  /// @param scores under beams, each row's sum of log-probabilities over its length to the power of the length penalty;
  ///     else empty
  public record Generated(int[][] sequences, int[] lengths, float[] scores) {}

  /// Where inputs have a vocabulary of their own, their ids say nothing about those that are written.
  private void refuseForeignIds(GenerationConfig config) {
    if (!model.config().separate()) {
      return;
    }
    String key =
        config.encoderNoRepeatNgram() > 0
            ? "encoder_no_repeat_ngram_size"
            : config.encoderRepetitionPenalty() != 1 ? "encoder_repetition_penalty" : "";
    if (!key.isEmpty()) {
      throw new UnsupportedOperationException(
          "generation with "
              + key
              + " compares what is read with what is written, which have a vocabulary each here: leave it out");
    }
  }

  /// Like [#generate(int[][], int[][], GenerationConfig)], with the scores of beams.
  ///
  /// @throws UnsupportedOperationException if an option asks for what there is not
  /// @throws IllegalStateException if the model is closed
  /// @throws java.util.concurrent.CancellationException if it was cancelled
  public Generated generateScored(
      int[][] inputIds, int[][] attentionMask, GenerationConfig config) {
    Objects.requireNonNull(inputIds, "generate: the input ids are null");
    Objects.requireNonNull(attentionMask, "generate: the attention mask is null");
    Objects.requireNonNull(config, "generate: the options are null");
    config.requireSupported();
    refuseForeignIds(config);
    PromptBatch batch = PromptBatch.of(inputIds, attentionMask, config, hooks);
    if (batch.size() == 0) {
      return new Generated(new int[0][], new int[0], new float[0]);
    }
    if (hooks.numbers().map(numbers -> numbers.length != batch.size()).orElse(false)) {
      throw new IllegalArgumentException(
          "generate: there must be a number for each of the " + batch.size() + " inputs");
    }
    boolean beams = config.beams() > 1;
    if (beams && hooks.listener() != TokenListener.NONE) {
      throw new IllegalArgumentException(
          "a listener cannot hear of tokens under beams, as they may yet be dropped: set num_beams to 1");
    }
    Device device = model.decoder().table().weight().device();
    try (var _ = model.use();
        var _ = Scope.openWithoutGradients(device)) {
      int followed = beams ? config.beams() : config.returned();
      try (var decoding = new Decoding(model, config, hooks, batch, followed)) {
        return beams
            ? new BeamSearch(decoding, config).run()
            : new RowDecoding(decoding, config, hooks.listener()).run();
      }
    }
  }
}
