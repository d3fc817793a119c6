package dev.quintet.core.tensor;

import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import java.util.List;
import java.util.Optional;

/// Bias, masks and dropout of an attention.
///
/// @param scale factor of the dot products; 1 in T5, K^-0.5 elsewhere
/// @param bias added to the scores: a full bias `[B or 1, H or 1, T, S]`, or a table of distances `[H, 2 R + 1]`, in which query i and key j find theirs at `clamp(j - i - queryOffset, -R, R) + R`
/// @param seen which keys a query sees
/// @param causal whether queries see no later keys
/// @param queryOffset position of the first query among the keys: the tokens cached before it
/// @param keys how many of the keys count, when keys and values are a cache that is not yet full; all
///     if empty
/// @param dropout dropout of the probabilities
public record AttentionOptions(
    float scale,
    Optional<Tensor> bias,
    Seen seen,
    boolean causal,
    int queryOffset,
    Optional<Integer> keys,
    DropoutMask dropout) {

  /// No scaling, bias, masks or dropout.
  public static final AttentionOptions PLAIN =
      new AttentionOptions(
          1, Optional.empty(), new Seen.All(), false, 0, Optional.empty(), DropoutMask.NONE);

  /// Which keys a query sees, of those that causality leaves. To a query that sees none all keys are alike.
  public sealed interface Seen {
    /// The int32 tensors that say it.
    List<Tensor> numbers();

    /// The same of keys before which others stand that every query sees: virtual tokens, for example.
    ///
    /// @param more how many stand before them
    /// @throws IllegalArgumentException if rows hold several texts each, of which a query sees its own alone
    Seen behind(int more);

    private static IllegalArgumentException packed(int more) {
      return new IllegalArgumentException(
          "attention: "
              + more
              + " keys were to stand before all others and be seen by every query, but each row holds several texts, of"
              + " which a query sees its own alone: give each text a row, without packing");
    }

    /// All.
    record All() implements Seen {
      @Override
      public List<Tensor> numbers() {
        return List.of();
      }

      @Override
      public All behind(int more) {
        return this;
      }
    }

    /// Those that are not 0.
    ///
    /// @param keys int32 `[B, S]`, 0 where a key is padding
    record Mask(Tensor keys) implements Seen {
      @Override
      public List<Tensor> numbers() {
        return List.of(keys);
      }

      @Override
      public Mask behind(int more) {
        Shape before = Shape.of(keys.shape().dim(0), more);
        return new Mask(Tensor.concat(1, List.of(Tensor.full(before, 1).cast(DType.I32), keys)));
      }
    }

    /// The first ones.
    ///
    /// @param keys int32 `[B]`, how many of each row count
    record Lengths(Tensor keys) implements Seen {
      @Override
      public List<Tensor> numbers() {
        return List.of(keys);
      }

      @Override
      public Lengths behind(int more) {
        return new Lengths(keys.cast(DType.F32).add((float) more).cast(DType.I32));
      }
    }

    /// Those of its own segment, where several texts are packed into a row.
    ///
    /// @param queries int32 `[B, T]`
    /// @param keys int32 `[B, S]`
    record Segments(Tensor queries, Tensor keys) implements Seen {
      @Override
      public List<Tensor> numbers() {
        return List.of(queries, keys);
      }

      @Override
      public Segments behind(int more) {
        throw packed(more);
      }
    }

    /// Those of its own row, where rows lie one behind the other without padding: queries, keys and values are
    /// `[tokens, H, K]`.
    ///
    /// @param queries int32 `[B + 1]`: the first token of each row, and the number of all tokens
    /// @param keys likewise
    record Starts(Tensor queries, Tensor keys) implements Seen {
      @Override
      public List<Tensor> numbers() {
        return List.of(queries, keys);
      }

      @Override
      public Starts behind(int more) {
        throw packed(more);
      }
    }
  }

  /// These options with another scale.
  public AttentionOptions withScale(float factor) {
    return new AttentionOptions(factor, bias, seen, causal, queryOffset, keys, dropout);
  }

  /// These options with a bias.
  public AttentionOptions withBias(Tensor added) {
    return new AttentionOptions(
        scale, Optional.of(added), seen, causal, queryOffset, keys, dropout);
  }

  /// These options with a padding mask of the keys, int32 `[B, S]`.
  public AttentionOptions withMask(Tensor keysThatCount) {
    return withSeen(new Seen.Mask(keysThatCount));
  }

  /// These options for queries that see these keys.
  public AttentionOptions withSeen(Seen those) {
    return new AttentionOptions(scale, bias, those, causal, queryOffset, keys, dropout);
  }

  /// These options, with queries that see no later keys.
  public AttentionOptions withCausal() {
    return new AttentionOptions(scale, bias, seen, true, queryOffset, keys, dropout);
  }

  /// These options for queries that follow `offset` cached tokens, over the first `count` keys of a
  /// cache.
  public AttentionOptions withCache(int offset, int count) {
    return new AttentionOptions(scale, bias, seen, causal, offset, Optional.of(count), dropout);
  }

  /// These options for keys before which others stand that every query sees; distances between those that were there stay
  /// as they were.
  ///
  /// @param more how many stand before them
  /// @throws IllegalArgumentException if rows hold several texts each, or the bias is no table of distances
  public AttentionOptions behind(int more) {
    if (bias.isPresent() && bias.get().shape().rank() != 2) {
      throw new IllegalArgumentException(
          "attention: no more keys can stand before those of a full bias "
              + bias.get().shape()
              + "; give a table of distances [H, 2 R + 1]");
    }
    return new AttentionOptions(
        scale,
        bias,
        seen.behind(more),
        causal,
        queryOffset + more,
        keys.map(count -> count + more),
        dropout);
  }

  /// These options with dropout of the probabilities.
  public AttentionOptions withDropout(DropoutMask probabilities) {
    return new AttentionOptions(scale, bias, seen, causal, queryOffset, keys, probabilities);
  }
}
