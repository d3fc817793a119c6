package dev.quintet.models.generate;

import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.t5.T5;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Generates with a [T5]: encodes once, then decodes token by token from a cache of keys and values.
///
/// Greedy, or with beams. May be used by several threads at once; each call opens a scope of its own. The model stays the caller's.
public final class Generator {
  private final T5 model;
  private final List<LogitsProcessor> own;
  private final TokenListener listener;

  private Generator(T5 model, List<LogitsProcessor> own, TokenListener listener) {
    this.model = model;
    this.own = List.copyOf(own);
    this.listener = listener;
  }

  /// A generator for a model.
  public static Generator of(T5 model) {
    return new Generator(model, List.of(), TokenListener.NONE);
  }

  /// This generator with one more processor behind the others.
  public Generator with(LogitsProcessor processor) {
    var more = new ArrayList<>(own);
    more.add(processor);
    return new Generator(model, more, listener);
  }

  /// This generator with a listener that hears of each token.
  public Generator withListener(TokenListener hears) {
    return new Generator(model, own, hears);
  }

  /// Generates for inputs of any lengths, which are padded; padding ids within them are masked too.
  ///
  /// @param inputs ids of each row, at least one
  /// @param config the options
  /// @return for each row the decoder's ids, the start id first, padded behind the end to the longest
  /// @throws UnsupportedOperationException if an option is not there yet
  public int[][] generate(List<int[]> inputs, GenerationConfig config) {
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
    return generate(ids, mask, config);
  }

  /// Generates for a padded batch.
  ///
  /// @param inputIds `[B, S]`
  /// @param attentionMask `[B, S]`, 0 where an id is padding
  /// @param config the options
  /// @return for each row the decoder's ids, the start id first, padded behind the end to the longest
  /// @throws UnsupportedOperationException if an option is not there yet
  public int[][] generate(int[][] inputIds, int[][] attentionMask, GenerationConfig config) {
    return generateScored(inputIds, attentionMask, config).sequences();
  }

  /// What was generated.
  ///
  /// @param sequences the decoder's ids, the start id first; several rows for each input where the options ask for
  ///     them, the best first
  /// @param scores under beams, each row's sum of log-probabilities over its length to the power of the length penalty;
  ///     else empty
  public record Generated(int[][] sequences, float[] scores) {}

  /// Like [#generate(int[][], int[][], GenerationConfig)], with the scores of beams.
  ///
  /// @throws UnsupportedOperationException if an option is not there yet
  public Generated generateScored(
      int[][] inputIds, int[][] attentionMask, GenerationConfig config) {
    config
        .unsupported()
        .ifPresent(what -> {
          throw new UnsupportedOperationException(
              "generation with "
                  + what
                  + " is not supported yet; greedy decoding and beam search are");
        });
    checkBatch(inputIds, attentionMask);
    if (inputIds.length == 0) {
      return new Generated(new int[0][], new float[0]);
    }
    Device device = model.shared().weight().device();
    try (var _ = Scope.openWithoutGradients(device)) {
      Tensor ids = tensor(inputIds);
      Tensor mask = tensor(attentionMask);
      if (config.beams() > 1) {
        return new BeamSearch(model, config, own).run(ids, mask, inputIds);
      }
      int[][] rows = new Greedy(model, config, own, listener).run(ids, mask, inputIds);
      return new Generated(rows, new float[0]);
    }
  }

  private static void checkBatch(int[][] inputIds, int[][] attentionMask) {
    boolean fits = inputIds.length == attentionMask.length;
    for (int row = 0; fits && row < inputIds.length; row++) {
      fits =
          inputIds[row].length == inputIds[0].length
              && attentionMask[row].length == inputIds[0].length
              && inputIds[row].length > 0;
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "generate: input ids and attention mask must be [B, S] of one size, with S at least 1");
    }
  }

  private static Tensor tensor(int[][] rows) {
    int[] flat = Arrays.stream(rows).flatMapToInt(Arrays::stream).toArray();
    return Tensor.ofInts(Shape.of(rows.length, rows[0].length), flat);
  }
}
