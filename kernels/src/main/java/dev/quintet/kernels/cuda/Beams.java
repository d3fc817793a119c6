package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.DecoderCall.Sizes;
import dev.quintet.core.backend.TokenPlaces;
import java.util.Arrays;

/// Where rows find their tokens, as the host knows it, and which rows they go on from at the next step; the device keeps a
/// table of its own by the latter.
final class Beams {
  private final int[] from;
  private final int[] composed;
  private final TokenPlaces places;

  Beams(Sizes sizes) {
    from = new int[sizes.rows()];
    composed = new int[from.length];
    Arrays.setAll(from, row -> row);
    places = new TokenPlaces(sizes);
  }

  /// The row whose tokens a row takes over at the next step.
  int from(int row) {
    return from[row];
  }

  /// A step has been called that reads a token at a position, which each row writes to itself.
  void at(int position) {
    for (int row = 0; row < from.length; row++) {
      from[row] = row;
    }
    places.at(position);
  }

  int place(int row, int token) {
    return places.place(row, token);
  }

  void reorder(int[] next, int length) {
    places.reorder(next, length);
    for (int row = 0; row < next.length; row++) {
      composed[row] = from[next[row]];
    }
    System.arraycopy(composed, 0, from, 0, composed.length);
  }
}
