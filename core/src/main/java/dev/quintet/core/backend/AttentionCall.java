package dev.quintet.core.backend;

import dev.quintet.core.shape.DType;

/// Sizes, bias, masks, dropout and type of one attention.
///
/// The score of query i and key j of a head is `scale q·k` and what the [bias][Bias] adds.
///
/// The score of a key that a query does not see is replaced by the most negative finite float32, as Hugging Face
/// adds it: a row with every key masked becomes uniform over all S keys, never NaN. No gradient passes through a score
/// that was replaced.
///
/// Dropout of probabilities: the dropout mask's row is the row of the batch, and element (h, i, j) is found at
/// e = j of the mask whose site is `site + (h << 32) + i + queryOffset` (see [DropoutMask]); places are not read.
///
/// @param sizes B, H, T, S and K
/// @param scale factor of the dot products; 1 in T5
/// @param bias what is added to the scores
/// @param masks which keys a query sees
/// @param dropout dropout of the probabilities
/// @param type of queries, keys, values, outputs and their gradients
public record AttentionCall(
    Sizes sizes, float scale, Bias bias, Masks masks, DropoutMask dropout, DType type) {

  /// Checks that a bias has a place for each query and key.
  ///
  /// @throws IllegalArgumentException if a full bias comes with rows of several lengths
  public AttentionCall {
    if (masks.kind == Kind.STARTS && bias.present() && !bias.relative()) {
      throw new IllegalArgumentException(
          "attention over rows without padding takes a table of distances, not a full bias");
    }
  }

  /// Sizes of an attention.
  ///
  /// @param batch B
  /// @param heads H
  /// @param queries T; those of all rows where rows have starts
  /// @param keys S; those of all rows where rows have starts
  /// @param width K, elements of a head
  /// @param keyBatchStride elements from one row's keys to the next row's: S H K, or more in a cache
  public record Sizes(
      int batch, int heads, int queries, int keys, int width, long keyBatchStride) {}

  /// A bias of the scores, float32: a full one with an element for each query and key, at
  /// `b·batchStride + h·headStride + i·S + j`; or a table of distances, in which they find theirs at
  /// `h·headStride + clamp(j - i - queryOffset, -R, R) + R`.
  ///
  /// @param address of the first element, or 0
  /// @param batchStride elements from one row's bias to the next; 0 shares it
  /// @param headStride elements from one head's bias to the next; 0 shares it
  /// @param reach R of a table; -1 for a full bias
  public record Bias(long address, long batchStride, long headStride, int reach) {
    /// None.
    public static final Bias NONE = full(0, 0, 0);

    /// One with an element for each query and key.
    public static Bias full(long address, long batchStride, long headStride) {
      return new Bias(address, batchStride, headStride, -1);
    }

    /// A table of distances that all rows share, `[H, 2 reach + 1]`.
    public static Bias table(long address, int reach) {
      return new Bias(address, 0, 2L * reach + 1, reach);
    }

    /// Whether there is a bias.
    public boolean present() {
      return address != 0;
    }

    /// Whether it is a table of distances.
    public boolean relative() {
      return reach >= 0;
    }
  }

  /// What says which keys a query sees.
  public enum Kind {
    /// It sees all.
    ALL,
    /// It sees those that are not 0 in an int32 [B, S].
    MASK,
    /// It sees the first ones, as many as an int32 `[B]` says of each row; at most S.
    LENGTHS,
    /// It sees those of its own segment, one of several texts that are packed into a row: int32 [B, T] of queries and
    /// [B, S] of keys.
    SEGMENTS,
    /// It sees those of its own row, where rows lie one behind the other without padding, [tokens, H, K]: int32 [B + 1]
    /// with the first token of each row, and all tokens at last, of queries and of keys.
    STARTS
  }

  /// Which keys a query sees: those that the kind says and, where `causal`, that are not behind it.
  ///
  /// @param kind what the numbers are
  /// @param queries address of the numbers of queries, for kinds that have them
  /// @param keys address of the numbers of keys, for kinds that have them
  /// @param causal whether queries see no later keys, j > i + queryOffset
  /// @param queryOffset position of query 0 among the keys: the tokens cached before it
  public record Masks(Kind kind, long queries, long keys, boolean causal, int queryOffset) {
    /// All keys are seen.
    public static final Masks NONE = new Masks(Kind.ALL, 0, 0, false, 0);
  }

  /// Attention of these sizes in float32 with contiguous keys, without bias, masks or dropout.
  public static AttentionCall of(int batch, int heads, int queries, int keys, int width) {
    var sizes = new Sizes(batch, heads, queries, keys, width, (long) keys * heads * width);
    return new AttentionCall(sizes, 1, Bias.NONE, Masks.NONE, DropoutMask.NONE, DType.F32);
  }

  /// This call with other sizes.
  public AttentionCall withSizes(Sizes others) {
    return new AttentionCall(others, scale, bias, masks, dropout, type);
  }

  /// This call with keys and values that lie this many elements apart from row to row.
  public AttentionCall withKeyBatchStride(long elements) {
    return withSizes(new Sizes(batch(), heads(), queries(), keys(), width(), elements));
  }

  /// This call with a bias.
  public AttentionCall withBias(Bias added) {
    return new AttentionCall(sizes, scale, added, masks, dropout, type);
  }

  /// This call with masks.
  public AttentionCall withMasks(Masks hiding) {
    return new AttentionCall(sizes, scale, bias, hiding, dropout, type);
  }

  /// This call with another scale.
  public AttentionCall withScale(float factor) {
    return new AttentionCall(sizes, factor, bias, masks, dropout, type);
  }

  /// This call with dropout.
  public AttentionCall withDropout(DropoutMask probabilities) {
    return new AttentionCall(sizes, scale, bias, masks, probabilities, type);
  }

  /// This call with operands of another type.
  public AttentionCall withType(DType other) {
    return new AttentionCall(sizes, scale, bias, masks, dropout, other);
  }

  /// B.
  public int batch() {
    return sizes.batch;
  }

  /// H.
  public int heads() {
    return sizes.heads;
  }

  /// T.
  public int queries() {
    return sizes.queries;
  }

  /// S.
  public int keys() {
    return sizes.keys;
  }

  /// K.
  public int width() {
    return sizes.width;
  }

  /// The element of the bias where the keys of a query begin, where no distance is clamped.
  public long biasAt(int row, int head, int query) {
    long first = row * bias.batchStride + head * bias.headStride;
    return bias.relative()
        ? first + bias.reach - masks.queryOffset - query
        : first + (long) query * keys();
  }

  /// Elements of the queries, B T H K, or all there are where rows have starts.
  public long queryElements() {
    return rows() * queries() * heads() * width();
  }

  /// Elements of contiguous keys, B S H K, or all there are where rows have starts.
  public long keyElements() {
    return rows() * keys() * heads() * width();
  }

  /// Elements from the first of the keys to the last one.
  public long keySpan() {
    return keyElements()
        + Math.max(0, rows() - 1) * (sizes.keyBatchStride - (long) keys() * heads() * width());
  }

  private long rows() {
    return masks.kind == Kind.STARTS ? 1 : batch();
  }

  /// Elements of the bias.
  public long biasElements() {
    long heads = bias.headStride == 0 ? 1 : heads();
    return bias.relative()
        ? heads * bias.headStride
        : (bias.batchStride == 0 ? 1 : batch()) * heads * queries() * keys();
  }

  /// The dropout of one head's and one query's probabilities: its row is the row of the batch, its
  /// element the key.
  public DropoutMask dropout(int head, int query) {
    return dropout
        .at(dropout.site() + ((long) head << 32) + query + masks.queryOffset)
        .withPlaces(0);
  }
}
