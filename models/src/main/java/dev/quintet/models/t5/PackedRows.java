package dev.quintet.models.t5;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.AttentionOptions.Seen;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Where the tokens of padded rows lie when their padding is left out: row after row, `[tokens]`.
///
/// @param lengths tokens of each row, the first of its S places
/// @param length S
/// @param starts int32 `[B + 1]`: the first token of each row, and the number of all
/// @param places int32 `[tokens, 2]`: row and position of each token
record PackedRows(int[] lengths, int length, Tensor starts, Tensor places) {

  /// Rows of these lengths, in the current scope and, where it records, until the backward has run.
  static PackedRows of(int[] lengths, int length) {
    int[] starts = new int[lengths.length + 1];
    for (int row = 0; row < lengths.length; row++) {
      starts[row + 1] = starts[row] + lengths[row];
    }
    int tokens = starts[lengths.length];
    int[] places = new int[2 * tokens];
    for (int row = 0; row < lengths.length; row++) {
      for (int i = 0; i < lengths[row]; i++) {
        places[2 * (starts[row] + i)] = row;
        places[2 * (starts[row] + i) + 1] = i;
      }
    }
    Scope scope = Scope.current();
    return new PackedRows(
        lengths,
        length,
        scope.hold(Tensor.ofInts(Shape.of(starts.length), starts)),
        scope.hold(Tensor.ofInts(Shape.of(tokens, 2), places)));
  }

  /// The tokens of each row that a mask shows; empty if a row has none, or padding between them or before.
  ///
  /// @param mask int32 `[B, S]`, 0 where an id is padding
  static Optional<int[]> lengths(Tensor mask) {
    int length = mask.shape().dim(1);
    int[] shown = mask.toInts();
    int[] lengths = new int[mask.shape().dim(0)];
    for (int row = 0; row < lengths.length; row++) {
      int first = row * length;
      int count = 0;
      while (count < length && shown[first + count] != 0) {
        count++;
      }
      for (int i = count; i < length; i++) {
        if (shown[first + i] != 0) {
          return Optional.empty();
        }
      }
      if (count == 0) {
        return Optional.empty();
      }
      lengths[row] = count;
    }
    return Optional.of(lengths);
  }

  /// The number of tokens.
  int tokens() {
    return places.shape().dim(0);
  }

  /// The places of the tokens among those of the padded rows, `[tokens]`.
  IntStream flat() {
    return IntStream.range(0, lengths.length)
        .flatMap(row -> IntStream.range(row * length, row * length + lengths[row]));
  }

  /// The tokens of padded ids or labels, in order.
  ///
  /// @param padded `[B, S]`
  int[] pick(int[] padded) {
    return flat().map(i -> padded[i]).toArray();
  }

  /// The tokens of padded states `[B, N + S, D]`, of which the first N of each row are virtual ones and tokens too.
  PackedStates packed(Tensor padded) {
    PackedRows all = behind(padded.shape().dim(1) - length);
    return new PackedStates(all.pack(padded), all);
  }

  /// `[B, S, D]` becomes `[tokens, D]`.
  private Tensor pack(Tensor padded) {
    int width = padded.shape().dim(-1);
    if (tokens() == lengths.length * length) {
      return padded.reshape(tokens(), width);
    }
    return padded.reshape(-1, width).rows(Tensor.ofInts(Shape.of(tokens()), flat().toArray()));
  }

  /// States with their padding, which is zeros: `[tokens, D]` becomes `[B, S, D]`.
  Tensor pad(Tensor states) {
    int width = states.shape().dim(-1);
    if (tokens() == lengths.length * length) {
      return states.reshape(lengths.length, length, width);
    }
    int[] from = new int[lengths.length * length];
    Arrays.fill(from, tokens());
    int[] token = {0};
    flat().forEach(i -> from[i] = token[0]++);
    Tensor zeros = Tensor.zeros(Shape.of(1, width)).cast(states.type());
    return Tensor.concat(0, List.of(states, zeros))
        .rows(Tensor.ofInts(Shape.of(from.length), from))
        .reshape(lengths.length, length, width);
  }

  /// The same rows with more tokens before each.
  private PackedRows behind(int more) {
    return more == 0
        ? this
        : of(IntStream.of(lengths).map(count -> count + more).toArray(), length + more);
  }

  /// What tokens of these rows see of others.
  Seen.Starts see(PackedRows others) {
    return new Seen.Starts(starts, others.starts);
  }

  /// A pass over the tokens.
  Pass in(Pass pass) {
    return pass.training() ? pass.over(places) : pass;
  }
}
