package dev.quintet.core.backend;

/// Sizes, bias, masks and dropout of one attention.
///
/// The score of query i and key j of head h in row b is `scale q·k + bias[b·biasBatch + h·biasHead + i·biasRow + j]`.
/// A full bias [H, T, S] has strides (0, T S, S). A relative bias, a function of j - i alone, is a table
/// [H, T + S - 1] that starts at distance -(T - 1): its address is that of distance 0 for query 0, T - 1 elements
/// in, and its row stride is -1.
///
/// A score where `mask` is 0, or where `causal` and key j lies after query i (j > i + queryOffset), is
/// replaced by the most negative finite float32, as Hugging Face adds it: a row with every key masked
/// becomes uniform over all S keys, never NaN. No gradient passes through a score that was replaced.
///
/// Dropout of probabilities: the dropout mask's row is the row of the batch, and element (h, i, j) is found at
/// e = j of the mask whose site is `site + (h << 32) + i + queryOffset` (see [DropoutMask]).
///
/// @param batch B
/// @param heads H
/// @param queries T
/// @param keys S
/// @param width K, elements of a head
/// @param keyBatchStride elements from one row's keys to the next row's: S H K, or more in a cache
/// @param scale factor of the dot products; 1 in T5
/// @param bias address of the bias, or 0
/// @param biasBatch elements from one row's bias to the next; 0 shares it
/// @param biasHead elements from one head's bias to the next; 0 shares it
/// @param biasRow elements from one query's bias to the next; -1 for a relative bias
/// @param mask address of int32 [B, S], 0 where a key is padding; or 0
/// @param causal whether queries see no later keys
/// @param queryOffset position of query 0 among the keys: the tokens cached before it
/// @param dropout dropout of the probabilities
public record AttentionCall(
    int batch,
    int heads,
    int queries,
    int keys,
    int width,
    long keyBatchStride,
    float scale,
    long bias,
    long biasBatch,
    long biasHead,
    long biasRow,
    long mask,
    boolean causal,
    int queryOffset,
    DropoutMask dropout) {

  /// Attention of these sizes with contiguous keys, without bias, masks or dropout.
  public static AttentionCall of(int batch, int heads, int queries, int keys, int width) {
    return new AttentionCall(
        batch,
        heads,
        queries,
        keys,
        width,
        (long) keys * heads * width,
        1,
        0,
        0,
        0,
        0,
        0,
        false,
        0,
        DropoutMask.NONE);
  }

  /// This call with a bias.
  public AttentionCall withBias(long address, long batchStride, long headStride, long rowStride) {
    return new AttentionCall(
        batch,
        heads,
        queries,
        keys,
        width,
        keyBatchStride,
        scale,
        address,
        batchStride,
        headStride,
        rowStride,
        mask,
        causal,
        queryOffset,
        dropout);
  }

  /// This call with masks.
  public AttentionCall withMask(long address, boolean onlyEarlierKeys, int offset) {
    return new AttentionCall(
        batch,
        heads,
        queries,
        keys,
        width,
        keyBatchStride,
        scale,
        bias,
        biasBatch,
        biasHead,
        biasRow,
        address,
        onlyEarlierKeys,
        offset,
        dropout);
  }

  /// This call with another scale.
  public AttentionCall withScale(float factor) {
    return new AttentionCall(
        batch,
        heads,
        queries,
        keys,
        width,
        keyBatchStride,
        factor,
        bias,
        biasBatch,
        biasHead,
        biasRow,
        mask,
        causal,
        queryOffset,
        dropout);
  }

  /// This call with keys and values that lie this many elements apart from row to row.
  public AttentionCall withKeyBatchStride(long elements) {
    return new AttentionCall(
        batch,
        heads,
        queries,
        keys,
        width,
        elements,
        scale,
        bias,
        biasBatch,
        biasHead,
        biasRow,
        mask,
        causal,
        queryOffset,
        dropout);
  }

  /// This call with dropout.
  public AttentionCall withDropout(DropoutMask probabilities) {
    return new AttentionCall(
        batch,
        heads,
        queries,
        keys,
        width,
        keyBatchStride,
        scale,
        bias,
        biasBatch,
        biasHead,
        biasRow,
        mask,
        causal,
        queryOffset,
        probabilities);
  }

  /// The dropout of one head's and one query's probabilities: its row is the row of the batch, its
  /// element the key.
  public DropoutMask dropout(int head, int query) {
    return new DropoutMask(
        dropout.probability(),
        dropout.seed(),
        dropout.step(),
        dropout.site() + ((long) head << 32) + query + queryOffset,
        dropout.firstRow());
  }
}
