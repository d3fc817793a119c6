package dev.quintet.core.backend;

import dev.quintet.core.backend.DecoderCall.Sizes;
import java.util.Arrays;

/// In which row's cache each row of a planned step finds its tokens: in its own, until it goes on from what another beam of
/// its input has read.
public final class TokenPlaces {
  private int[][] places;
  private int[][] spare;

  /// Each row's own, for as many tokens as there is room for.
  public TokenPlaces(Sizes sizes) {
    places = new int[sizes.beams() > 1 ? sizes.rows() : 0][sizes.capacity()];
    spare = new int[places.length][sizes.capacity()];
    for (int row = 0; row < places.length; row++) {
      Arrays.fill(places[row], row);
    }
  }

  /// Each row writes the token at a position to itself.
  public void at(int position) {
    for (int row = 0; row < places.length; row++) {
      places[row][position] = row;
    }
  }

  /// The row in which a row's token is found.
  public int place(int row, int token) {
    return places.length == 0 ? row : places[row][token];
  }

  /// The same of all tokens of a row of several beams, until the next [#reorder].
  public int[] of(int row) {
    return places[row];
  }

  /// Lets each row find another one's first tokens.
  ///
  /// @param from for each row the one whose tokens it takes over
  /// @param length how many
  /// @throws IllegalArgumentException if inputs have one beam each
  public void reorder(int[] from, int length) {
    if (places.length == 0) {
      throw new IllegalArgumentException("rows of one beam have no others to go on from");
    }
    for (int row = 0; row < from.length; row++) {
      System.arraycopy(places[from[row]], 0, spare[row], 0, length);
    }
    int[][] before = places;
    places = spare;
    spare = before;
  }
}
