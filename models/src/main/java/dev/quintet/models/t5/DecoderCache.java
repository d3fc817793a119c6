package dev.quintet.models.t5;

import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Tensor;
import java.util.List;

/// What a decoder keeps from token to token: its own keys and values, and those of the encoder's states.
///
/// The former fill a fixed room of as many places as will be decoded; the latter are computed once.
/// A cache lives in the scope in which it was made ([T5#cache]) and belongs to one thread.
public final class DecoderCache {
  private final List<Layer> layers;
  private final Tensor memoryMask;
  private final int capacity;
  private int length;

  private DecoderCache(List<Layer> layers, Tensor memoryMask, int capacity) {
    this.layers = layers;
    this.memoryMask = memoryMask;
    this.capacity = capacity;
  }

  /// One block's part.
  ///
  /// @param keys `[B, capacity, H, K]`, filled up to the length
  /// @param values likewise
  /// @param memoryKeys keys of the encoder's states, `[B, S, H, K]`
  /// @param memoryValues likewise
  record Layer(Tensor keys, Tensor values, Tensor memoryKeys, Tensor memoryValues) {

    static Layer of(Tensor memoryKeys, Tensor memoryValues, int capacity) {
      Shape room = memoryKeys.shape().withDim(1, capacity);
      return new Layer(
          Tensor.empty(room, DType.F32), Tensor.empty(room, DType.F32), memoryKeys, memoryValues);
    }
  }

  static DecoderCache of(List<Layer> layers, Tensor memoryMask, int capacity) {
    return new DecoderCache(List.copyOf(layers), memoryMask, capacity);
  }

  /// The tokens cached so far.
  public int length() {
    return length;
  }

  /// The most tokens that fit.
  public int capacity() {
    return capacity;
  }

  List<Layer> layers() {
    return layers;
  }

  Tensor memoryMask() {
    return memoryMask;
  }

  void checkRoom(int tokens) {
    if (length + tokens > capacity) {
      throw new IllegalStateException(
          "the decoder's cache has room for "
              + capacity
              + " tokens, "
              + length
              + " are taken, and "
              + tokens
              + " more came: make it with a larger capacity");
    }
  }

  void advance(int tokens) {
    length += tokens;
  }
}
