package dev.quintet.core.backend;

import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.shape.DType;
import java.util.List;

/// A decoder of T5's kind that takes one token after the other: its sizes, weights and caches.
///
/// Rows lie input by input: the beams of the first one, then those of the second. Tables of distances are float32.
///
/// @param sizes of all blocks
/// @param type of norms' weights, of keys and values, and of matrices that lie as parameters do
/// @param embedding `[V, D]`
/// @param blocks the first one first
/// @param norm address of the last norm's weight, `[D]`
/// @param scale factor of the states before the head
/// @param head `[V, D]`
/// @param mask address of int32 `[inputs, S]`, 0 where a source token is not seen
public record DecoderCall(
    Sizes sizes,
    DType type,
    StoredMatrix embedding,
    List<Block> blocks,
    long norm,
    float scale,
    StoredMatrix head,
    long mask) {

  /// Keeps a copy of the blocks.
  public DecoderCall {
    blocks = List.copyOf(blocks);
  }

  /// Checks what a step is to read.
  ///
  /// @param ids of all rows
  /// @param position the tokens before them
  /// @throws IllegalArgumentException if there are not as many ids as rows, or there is no room at the position
  /// @throws IndexOutOfBoundsException if an id is not a row of the embedding
  public void check(int[] ids, int position) {
    if (position < 0 || position >= sizes.capacity() || ids.length != sizes.rows()) {
      throw new IllegalArgumentException(
          "a step of "
              + sizes.rows()
              + " rows with room for "
              + sizes.capacity()
              + " tokens cannot read "
              + ids.length
              + " at position "
              + position);
    }
    for (int id : ids) {
      if (id < 0 || id >= embedding.rows()) {
        throw new IndexOutOfBoundsException(
            "id " + id + " is not one of " + embedding.rows() + " rows");
      }
    }
  }

  /// Sizes of a decoder.
  ///
  /// @param inputs of the batch
  /// @param beams rows that go on behind each input
  /// @param sources S, the encoder's states of an input
  /// @param capacity tokens that the caches have room for
  /// @param heads H
  /// @param headWidth K
  /// @param epsilon of all norms
  public record Sizes(
      int inputs, int beams, int sources, int capacity, int heads, int headWidth, float epsilon) {
    /// All rows.
    public int rows() {
      return inputs * beams;
    }

    /// H K.
    public int attentionWidth() {
      return heads * headWidth;
    }
  }

  /// One block.
  public record Block(Own own, Cross cross, FeedForward feedForward) {}

  /// The attention to the tokens so far.
  ///
  /// @param norm address of its norm's weight, `[D]`
  /// @param q `[H K, D]`
  /// @param k likewise
  /// @param v likewise
  /// @param o `[D, H K]`
  /// @param keys address of the cache of keys, `[rows, capacity, H, K]`
  /// @param values address of the cache of values
  /// @param bias address of a table of distances `[H, 2 reach + 1]`; see [AttentionCall.Bias]
  /// @param reach the greatest distance of the table
  public record Own(
      long norm,
      StoredMatrix q,
      StoredMatrix k,
      StoredMatrix v,
      StoredMatrix o,
      long keys,
      long values,
      long bias,
      int reach) {}

  /// The attention to the encoder's states.
  ///
  /// @param norm address of its norm's weight, `[D]`
  /// @param q `[H K, D]`
  /// @param o `[D, H K]`
  /// @param keys address of the states' keys, `[inputs, S, H, K]`
  /// @param values address of their values
  public record Cross(long norm, StoredMatrix q, StoredMatrix o, long keys, long values) {}

  /// The feed-forward layer: `down(f(gate x))`, or `down(f(gate x) up x)`.
  ///
  /// @param norm address of its norm's weight, `[D]`
  /// @param activation f: RELU, GELU_ERF, GELU_TANH or SILU
  /// @param gate `[F, D]`
  /// @param up likewise; the gate itself where the layer is not gated
  /// @param down `[D, F]`
  public record FeedForward(
      long norm, Unary activation, StoredMatrix gate, StoredMatrix up, StoredMatrix down) {
    /// Whether the layer is gated.
    public boolean gated() {
      return up != gate;
    }
  }
}
