package dev.quintet.models.t5;

import java.util.function.Consumer;

/// The sizes and rules of a T5: everything that decides what is computed, beside the weights.
///
/// [#small] is T5 v1.0 small and [#v11] turns one into v1.1. Files are read by [T5ConfigFile].
///
/// @param modelType `t5`, `mt5` or `umt5`; ByT5 is a `t5`
/// @param vocabSize V, rows of the embedding
/// @param modelWidth D, `d_model`
/// @param headWidth K, `d_kv`
/// @param innerWidth F, `d_ff`
/// @param heads H; H K need not be D
/// @param encoderLayers blocks of the encoder, `num_layers`
/// @param decoderLayers blocks of the decoder, `num_decoder_layers`; some files of encoders say 0
/// @param buckets rows of the relative position bias
/// @param maxDistance the distance from which all share the last bucket
/// @param dropout probability of every dropout
/// @param epsilon of the norms
/// @param initializerFactor multiplies every deviation of the initial weights
/// @param feedForward the feed-forward layer
/// @param tied whether the head is the embedding's matrix
/// @param scaled whether the decoder's states are multiplied by D^-0.5 before the head, as v1.0 does
/// @param padId pads inputs, and starts what is generated after its end
/// @param eosId ends a sequence
/// @param startId the decoder's first input
/// @param sourceVocabSize rows of the encoder's own embedding; 0 where both stacks share one. V is then the decoder's
/// @param ownTables whether each stack has an embedding of its own beside the shared one, of the same vocabulary; of those the
///     shared one is then a tied head's alone. So it is where an adapter of the embeddings was merged
public record T5Config(
    String modelType,
    int vocabSize,
    int modelWidth,
    int headWidth,
    int innerWidth,
    int heads,
    int encoderLayers,
    int decoderLayers,
    int buckets,
    int maxDistance,
    float dropout,
    float epsilon,
    float initializerFactor,
    FeedForwardKind feedForward,
    boolean tied,
    boolean scaled,
    int padId,
    int eosId,
    int startId,
    int sourceVocabSize,
    boolean ownTables) {
  // A number in a file does not decide what is allocated; the largest published model has 256,384
  // rows, widths of 65,536 and 36 blocks.
  private static final int MOST_ROWS = 1 << 24;
  private static final int WIDEST = 1 << 20;
  private static final int DEEPEST = 4096;

  /// Checks the sizes: at most 2^24 rows, widths of 2^20 and 4,096 blocks.
  ///
  /// @throws IllegalArgumentException that names the key of `config.json`
  public T5Config {
    size("vocab_size", vocabSize, 1, MOST_ROWS);
    size("d_model", modelWidth, 1, WIDEST);
    size("d_kv", headWidth, 1, WIDEST);
    size("d_ff", innerWidth, 1, WIDEST);
    size("num_heads", heads, 1, WIDEST);
    size("num_layers", encoderLayers, 1, DEEPEST);
    size("num_decoder_layers", decoderLayers, 0, DEEPEST);
    if ((long) heads * headWidth > WIDEST) {
      throw new IllegalArgumentException(
          "num_heads times d_kv must be at most " + WIDEST + ", not " + (long) heads * headWidth);
    }
    if (buckets < 4 || buckets % 2 != 0 || buckets > WIDEST) {
      throw new IllegalArgumentException(
          "relative_attention_num_buckets must be even and from 4 to "
              + WIDEST
              + ", not "
              + buckets);
    }
    size("relative_attention_max_distance", maxDistance, buckets / 2 + 1, WIDEST);
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("dropout_rate must be from 0 to below 1, not " + dropout);
    }
    if (!(epsilon > 0)) {
      throw new IllegalArgumentException("layer_norm_epsilon must be positive, not " + epsilon);
    }
    if (!(initializerFactor > 0)) {
      throw new IllegalArgumentException(
          "initializer_factor must be positive, not " + initializerFactor);
    }
    size("source_vocab_size", sourceVocabSize, 0, MOST_ROWS);
    row("pad_token_id", padId, vocabSize);
    row("eos_token_id", eosId, vocabSize);
    if (sourceVocabSize > 0 && Math.max(padId, eosId) >= sourceVocabSize) {
      throw new IllegalArgumentException(
          "pad_token_id and eos_token_id are those of both vocabularies, and must be below source_vocab_size "
              + sourceVocabSize
              + ", not "
              + Math.max(padId, eosId));
    }
    row("decoder_start_token_id", startId, vocabSize);
    if (ownTables && sourceVocabSize > 0) {
      throw new IllegalArgumentException(
          "with source_vocab_size the stacks share no embedding, beside which each could have one of its own");
    }
  }

  private static void size(String key, int size, int least, int most) {
    if (size < least || size > most) {
      throw new IllegalArgumentException(
          key + " must be from " + least + " to " + most + ", not " + size);
    }
  }

  private static void row(String key, int id, int vocabSize) {
    if (id < 0 || id >= vocabSize) {
      throw new IllegalArgumentException(
          key + " must be from 0 to below vocab_size " + vocabSize + ", not " + id);
    }
  }

  /// T5 v1.0 small: 60.5 million parameters, relu, tied and scaled.
  public static T5Config small() {
    return new T5Config(
        "t5",
        32128,
        512,
        64,
        2048,
        8,
        6,
        6,
        32,
        128,
        0.1f,
        1e-6f,
        1,
        FeedForwardKind.of("relu"),
        true,
        true,
        0,
        1,
        0,
        0,
        false);
  }

  /// H K, the width of the queries, keys and values of all heads.
  public int attentionWidth() {
    return heads * headWidth;
  }

  /// Whether every block owns a table of relative biases, as in UMT5, rather than the first of each stack.
  public boolean biasInEveryBlock() {
    return modelType.equals("umt5");
  }

  /// This configuration by v1.1's rules: gated GELU, a head of its own, no scaling.
  public T5Config v11() {
    return withFeedForward("gated-gelu").withHead(false, false);
  }

  /// Whether the encoder has an embedding of its own, for a vocabulary of its own.
  public boolean separate() {
    return sourceVocabSize > 0;
  }

  /// Rows of the embedding that the encoder reads with.
  public int sourceRows() {
    return separate() ? sourceVocabSize : vocabSize;
  }

  /// This configuration with these numbers of blocks.
  public T5Config withLayers(int encoder, int decoder) {
    return with(to -> {
      to.encoderBlocks = encoder;
      to.decoderBlocks = decoder;
    });
  }

  /// This configuration with another vocabulary size.
  public T5Config withVocabSize(int rows) {
    return with(to -> to.rows = rows);
  }

  /// This configuration with an embedding of the encoder's own.
  ///
  /// @param rows of it; 0 for one embedding of both stacks
  public T5Config withSourceVocabSize(int rows) {
    return with(to -> to.rowsOfSource = rows);
  }

  /// This configuration with or without an embedding of each stack's own beside the shared one.
  public T5Config withOwnTables(boolean own) {
    return with(to -> to.tables = own);
  }

  /// This configuration with these widths.
  ///
  /// @param model D
  /// @param head K
  /// @param headCount H
  /// @param inner F
  public T5Config withWidths(int model, int head, int headCount, int inner) {
    return with(to -> {
      to.model = model;
      to.head = head;
      to.headCount = headCount;
      to.inner = inner;
    });
  }

  /// This configuration with another dropout.
  public T5Config withDropout(float probability) {
    return with(to -> to.probability = probability);
  }

  /// This configuration with another feed-forward layer.
  ///
  /// @param name as under `feed_forward_proj`
  /// @throws IllegalArgumentException if there is none of this name
  public T5Config withFeedForward(String name) {
    return with(to -> to.kind = FeedForwardKind.of(name));
  }

  /// This configuration with another rule for the head.
  ///
  /// @param shared whether it is the embedding's matrix
  /// @param scale whether the decoder's states are multiplied by D^-0.5 first
  public T5Config withHead(boolean shared, boolean scale) {
    return with(to -> {
      to.shared = shared;
      to.scale = scale;
    });
  }

  /// This configuration with other special ids.
  public T5Config withIds(int pad, int eos, int start) {
    return with(to -> {
      to.pad = pad;
      to.eos = eos;
      to.start = start;
    });
  }

  private T5Config with(Consumer<Copy> change) {
    var copy = new Copy();
    change.accept(copy);
    return copy.made();
  }

  /// What can be changed of this configuration, as it is at first.
  private final class Copy {
    private int rows = vocabSize;
    private int model = modelWidth;
    private int head = headWidth;
    private int inner = innerWidth;
    private int headCount = heads;
    private int encoderBlocks = encoderLayers;
    private int decoderBlocks = decoderLayers;
    private float probability = dropout;
    private FeedForwardKind kind = feedForward;
    private boolean shared = tied;
    private boolean scale = scaled;
    private int pad = padId;
    private int eos = eosId;
    private int start = startId;
    private int rowsOfSource = sourceVocabSize;
    private boolean tables = ownTables;

    T5Config made() {
      return new T5Config(
          modelType,
          rows,
          model,
          head,
          inner,
          headCount,
          encoderBlocks,
          decoderBlocks,
          buckets,
          maxDistance,
          probability,
          epsilon,
          initializerFactor,
          kind,
          shared,
          scale,
          pad,
          eos,
          start,
          rowsOfSource,
          tables);
    }
  }
}
