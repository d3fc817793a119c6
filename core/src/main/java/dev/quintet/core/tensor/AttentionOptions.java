package dev.quintet.core.tensor;

import dev.quintet.core.backend.DropoutMask;
import java.util.Optional;

/// Bias, masks and dropout of an attention.
///
/// @param scale factor of the dot products; 1 in T5, K^-0.5 elsewhere
/// @param bias added to the scores: a full bias `[B or 1, H or 1, T, S]`, or a table of distances `[H, 2 R + 1]`, in which query i and key j find theirs at `clamp(j - i - queryOffset, -R, R) + R`
/// @param mask int32 `[B, S]`, 0 where a key is padding
/// @param causal whether queries see no later keys
/// @param queryOffset position of the first query among the keys: the tokens cached before it
/// @param keys how many of the keys count, when keys and values are a cache that is not yet full; all
///     if empty
/// @param dropout dropout of the probabilities
public record AttentionOptions(
    float scale,
    Optional<Tensor> bias,
    Optional<Tensor> mask,
    boolean causal,
    int queryOffset,
    Optional<Integer> keys,
    DropoutMask dropout) {

  /// No scaling, bias, masks or dropout.
  public static final AttentionOptions PLAIN =
      new AttentionOptions(
          1, Optional.empty(), Optional.empty(), false, 0, Optional.empty(), DropoutMask.NONE);

  /// These options with another scale.
  public AttentionOptions withScale(float factor) {
    return new AttentionOptions(factor, bias, mask, causal, queryOffset, keys, dropout);
  }

  /// These options with a bias.
  public AttentionOptions withBias(Tensor added) {
    return new AttentionOptions(
        scale, Optional.of(added), mask, causal, queryOffset, keys, dropout);
  }

  /// These options with a padding mask of the keys.
  public AttentionOptions withMask(Tensor keysThatCount) {
    return new AttentionOptions(
        scale, bias, Optional.of(keysThatCount), causal, queryOffset, keys, dropout);
  }

  /// These options, with queries that see no later keys.
  public AttentionOptions withCausal() {
    return new AttentionOptions(scale, bias, mask, true, queryOffset, keys, dropout);
  }

  /// These options for queries that follow `offset` cached tokens, over the first `count` keys of a
  /// cache.
  public AttentionOptions withCache(int offset, int count) {
    return new AttentionOptions(scale, bias, mask, causal, offset, Optional.of(count), dropout);
  }

  /// These options with dropout of the probabilities.
  public AttentionOptions withDropout(DropoutMask probabilities) {
    return new AttentionOptions(scale, bias, mask, causal, queryOffset, keys, probabilities);
  }
}
