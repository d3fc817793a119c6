package dev.quintet.models.t5;

import dev.quintet.core.backend.DecoderStep;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Keys and values of the tokens so far of all layers in one block of memory, layer by layer, keys before values; and where
/// rows may take over each other's, a second block to do that in.
final class TokenRoom {
  private final Shape shape;
  private final DType type;
  private List<KeysAndValues> layers;
  private List<KeysAndValues> spare;

  /// Room in the current scope.
  ///
  /// @param like keys of the encoder's states, `[B / beams, S, H, K]`, if there are layers
  /// @param layers how many
  /// @param beams rows of each input, which may take over each other's tokens
  /// @param capacity tokens that there is room for
  TokenRoom(Optional<Tensor> like, int layers, int beams, int capacity) {
    this(
        layers,
        like.map(Tensor::shape)
            .map(shape -> shape.withDim(0, shape.dim(0) * beams).withDim(1, capacity))
            .orElse(Shape.of(1, 1, 1, 1)),
        like.map(Tensor::type).orElse(DType.F32),
        beams > 1);
  }

  private TokenRoom(int layers, Shape shape, DType type, boolean moving) {
    this.shape = shape;
    this.type = type;
    this.layers = block(layers);
    this.spare = moving ? block(layers) : this.layers;
  }

  private List<KeysAndValues> block(int layers) {
    int rows = shape.dim(0);
    Tensor block = Tensor.empty(shape.withDim(0, 2 * layers * rows), type);
    return IntStream.range(0, layers)
        .map(layer -> 2 * layer * rows)
        .mapToObj(at ->
            new KeysAndValues(
                block.slice(0, at, at + rows), block.slice(0, at + rows, at + 2 * rows)))
        .toList();
  }

  DType type() {
    return type;
  }

  /// A layer's keys and values, `[B, capacity, H, K]`.
  KeysAndValues layer(int layer) {
    return layers.get(layer);
  }

  /// Larger room with the first tokens of this one, in the current scope.
  TokenRoom grown(int capacity, int length) {
    var larger = new TokenRoom(layers.size(), shape.withDim(1, capacity), type, spare != layers);
    for (int layer = 0; layer < layers.size(); layer++) {
      for (int row = 0; length > 0 && row < shape.dim(0); row++) {
        copy(layers.get(layer), row, 0, length, larger.layers.get(layer), row);
      }
    }
    return larger;
  }

  /// Brings together what a planned step has left in several rows.
  void gather(DecoderStep step, int length) {
    for (int layer = 0; layer < layers.size(); layer++) {
      for (int row = 0; row < shape.dim(0); row++) {
        for (int token = 0; token < length; token++) {
          int from = step.place(row, token);
          copy(layers.get(layer), from, token, token + 1, spare.get(layer), row);
        }
      }
    }
    swap();
  }

  /// Lets each row take over another one's first tokens.
  void reorder(int[] rows, int length) {
    for (int layer = 0; layer < layers.size(); layer++) {
      for (int row = 0; row < rows.length; row++) {
        copy(layers.get(layer), rows[row], 0, length, spare.get(layer), row);
      }
    }
    swap();
  }

  private void swap() {
    List<KeysAndValues> before = layers;
    layers = spare;
    spare = before;
  }

  private static void copy(
      KeysAndValues from, int source, int first, int end, KeysAndValues to, int target) {
    row(to.keys(), target).overwrite(0, first, row(from.keys(), source).slice(0, first, end));
    row(to.values(), target).overwrite(0, first, row(from.values(), source).slice(0, first, end));
  }

  /// A row, `[capacity, H, K]`.
  private static Tensor row(Tensor cached, int row) {
    Shape shape = cached.shape();
    return cached.slice(0, row, row + 1).reshape(shape.dim(1), shape.dim(2), shape.dim(3));
  }
}
