package dev.quintet.core.backend;

/// Sizes, bias, masks and dropout of one attention.
///
/// The score of query i and key j of a head is `scale q·k` and what the [bias][Bias] adds.
///
/// A score where `mask` is 0, or where `causal` and key j lies after query i (j > i + queryOffset), is
/// replaced by the most negative finite float32, as Hugging Face adds it: a row with every key masked
/// becomes uniform over all S keys, never NaN. No gradient passes through a score that was replaced.
///
/// Dropout of probabilities: the dropout mask's row is the row of the batch, and element (h, i, j) is found at
/// e = j of the mask whose site is `site + (h << 32) + i + queryOffset` (see [DropoutMask]).
///
/// @param sizes B, H, T, S and K
/// @param scale factor of the dot products; 1 in T5
/// @param bias what is added to the scores
/// @param masks which keys a query sees
/// @param dropout dropout of the probabilities
public record AttentionCall(Sizes sizes, float scale, Bias bias, Masks masks, DropoutMask dropout) {

  /// Sizes of an attention.
  ///
  /// @param batch B
  /// @param heads H
  /// @param queries T
  /// @param keys S
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

  /// Which keys a query sees.
  ///
  /// @param keys address of int32 [B, S], 0 where a key is padding; or 0
  /// @param causal whether queries see no later keys
  /// @param queryOffset position of query 0 among the keys: the tokens cached before it
  public record Masks(long keys, boolean causal, int queryOffset) {
    /// All of them.
    public static final Masks NONE = new Masks(0, false, 0);
  }

  /// Attention of these sizes with contiguous keys, without bias, masks or dropout.
  public static AttentionCall of(int batch, int heads, int queries, int keys, int width) {
    var sizes = new Sizes(batch, heads, queries, keys, width, (long) keys * heads * width);
    return new AttentionCall(sizes, 1, Bias.NONE, Masks.NONE, DropoutMask.NONE);
  }

  /// This call with a bias.
  public AttentionCall withBias(Bias added) {
    return new AttentionCall(sizes, scale, added, masks, dropout);
  }

  /// This call with masks.
  public AttentionCall withMasks(Masks hiding) {
    return new AttentionCall(sizes, scale, bias, hiding, dropout);
  }

  /// This call with another scale.
  public AttentionCall withScale(float factor) {
    return new AttentionCall(sizes, factor, bias, masks, dropout);
  }

  /// This call with keys and values that lie this many elements apart from row to row.
  public AttentionCall withKeyBatchStride(long elements) {
    var cached = new Sizes(batch(), heads(), queries(), keys(), width(), elements);
    return new AttentionCall(cached, scale, bias, masks, dropout);
  }

  /// This call with dropout.
  public AttentionCall withDropout(DropoutMask probabilities) {
    return new AttentionCall(sizes, scale, bias, masks, probabilities);
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

  /// The dropout of one head's and one query's probabilities: its row is the row of the batch, its
  /// element the key.
  public DropoutMask dropout(int head, int query) {
    return dropout.at(dropout.site() + ((long) head << 32) + query + masks.queryOffset);
  }
}
