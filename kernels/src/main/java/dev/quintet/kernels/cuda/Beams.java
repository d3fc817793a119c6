package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.DecoderCall.Sizes;
import java.util.Arrays;

/// Where rows find their tokens, as the host knows it, and which rows they go on from at the next step; the device keeps a
/// table of its own by the latter.
final class Beams {
  private final int[] from;
  private final int[] composed;
  private int[][] places;
  private int[][] spare;

  Beams(Sizes sizes) {
    from = new int[sizes.rows()];
    composed = new int[from.length];
    Arrays.setAll(from, row -> row);
    places = new int[sizes.beams() > 1 ? from.length : 0][sizes.capacity()];
    spare = new int[places.length][sizes.capacity()];
    for (int row = 0; row < places.length; row++) {
      Arrays.fill(places[row], row);
    }
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
    for (int row = 0; row < places.length; row++) {
      places[row][position] = row;
    }
  }

  int place(int row, int token) {
    return places.length == 0 ? row : places[row][token];
  }

  void reorder(int[] next, int length) {
    if (places.length == 0) {
      throw new IllegalArgumentException("rows of one beam have no others to go on from");
    }
    for (int row = 0; row < next.length; row++) {
      composed[row] = from[next[row]];
      System.arraycopy(places[next[row]], 0, spare[row], 0, length);
    }
    System.arraycopy(composed, 0, from, 0, composed.length);
    int[][] before = places;
    places = spare;
    spare = before;
  }
}
