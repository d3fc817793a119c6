package dev.quintet.core.cpu.decode;

import dev.quintet.core.backend.DecoderCall.Sizes;
import dev.quintet.core.backend.TokenPlaces;
import dev.quintet.core.cpu.work.Native;

/// What changes from step to step, and where rows find their tokens.
final class Progress {
  private final Shown[] shown;
  private final TokenPlaces places;
  private boolean straight = true;
  private int position;

  Progress(Sizes sizes, long mask) {
    shown = new Shown[sizes.inputs()];
    for (int input = 0; input < shown.length; input++) {
      shown[input] = Shown.of(Native.at(mask, (long) input * sizes.sources()), sizes.sources());
    }
    places = new TokenPlaces(sizes);
  }

  /// Tokens before the one that is being read.
  int position() {
    return position;
  }

  /// Goes on to a position, whose keys and values each row writes to itself.
  void at(int next) {
    position = next;
    places.at(next);
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
    return places.of(row);
  }

  int place(int row, int token) {
    return places.place(row, token);
  }

  void reorder(int[] from, int length) {
    places.reorder(from, length);
    for (int row = 0; row < from.length; row++) {
      straight &= from[row] == row;
    }
  }
}
