package dev.quintet.core.backend;

import java.util.List;

/// Sizes of a step of beam search.
///
/// @param inputs of the batch
/// @param beams that each input follows
/// @param width V
/// @param count continuations that are wanted of each input, at most beams V
/// @param forbidden ids that are not taken, each a token's
public record BeamCall(int inputs, int beams, int width, int count, List<Integer> forbidden) {
  /// Keeps a copy of the ids, and checks the sizes.
  ///
  /// @throws IllegalArgumentException if there are fewer continuations than are wanted
  public BeamCall {
    forbidden = List.copyOf(forbidden);
    if (count < 1 || count > (long) beams * width) {
      throw new IllegalArgumentException(
          "beams: %d of the continuations of %d beams by one of %d tokens"
              .formatted(count, beams, width));
    }
  }
}
