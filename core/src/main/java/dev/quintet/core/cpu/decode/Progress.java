package dev.quintet.core.cpu.decode;

import dev.quintet.core.backend.DecoderCall.Sizes;
import dev.quintet.core.cpu.work.Native;
import java.util.Arrays;

/// What changes from step to step, and where rows find their tokens.
final class Progress {
  private final int beams;
  private final Shown[] shown;
  private int[][] places;
  private int[][] spare;
  private boolean straight = true;
  private int position;

  Progress(Sizes sizes, long mask) {
    beams = sizes.beams();
    shown = new Shown[sizes.inputs()];
    for (int input = 0; input < shown.length; input++) {
      shown[input] = Shown.of(Native.at(mask, (long) input * sizes.sources()), sizes.sources());
    }
    places = new int[beams > 1 ? sizes.rows() : 0][sizes.capacity()];
    spare = new int[places.length][sizes.capacity()];
    for (int row = 0; row < places.length; row++) {
      Arrays.fill(places[row], row);
    }
  }

  /// Tokens before the one that is being read.
  int position() {
    return position;
  }

  /// Goes on to a position, whose keys and values each row writes to itself.
  void at(int next) {
    position = next;
    for (int row = 0; row < places.length; row++) {
      places[row][next] = row;
    }
  }

  Shown shown(int input) {
    return shown[input];
  }

  /// Whether each row has all its tokens in itself.
  boolean straight() {
    return straight;
  }

  /// The row in which each token of a row is found.
  int[] places(int row) {
    return places[row];
  }

  int place(int row, int token) {
    return straight ? row : places[row][token];
  }

  void reorder(int[] from, int length) {
    if (beams == 1) {
      throw new IllegalArgumentException("rows of one beam have no others to go on from");
    }
    for (int row = 0; row < from.length; row++) {
      straight &= from[row] == row;
      System.arraycopy(places[from[row]], 0, spare[row], 0, length);
    }
    int[][] before = places;
    places = spare;
    spare = before;
  }
}
