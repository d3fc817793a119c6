package dev.quintet.core.backend;

import java.util.List;

/// How a device chooses tokens by itself, one behind the other; see [DecoderStep#choose].
///
/// @param chooser chooses the next token of each row
/// @param ends ids behind which a row has ended
/// @param pad the id that a row which has ended gets from then on
public record TokenRule(Chooser chooser, List<Integer> ends, int pad) {

  /// Keeps a copy of the ends.
  public TokenRule {
    ends = List.copyOf(ends);
  }

  /// Calls kernels that choose a token of each row out of its logits.
  ///
  /// The calls may be taken down and repeated ([Queue#capture]): they neither wait nor copy from the host, and what changes
  /// from token to token, such as how many numbers were drawn, they keep in the device's memory themselves.
  @FunctionalInterface
  public interface Chooser {
    /// The likeliest token: the first of the largest logits, the first NaN if there is one. Steps know it, and need not
    /// write their logits for it.
    Chooser LIKELIEST =
        (_, _) -> {
          throw new UnsupportedOperationException("a step chooses the likeliest tokens itself");
        };

    /// Calls what chooses.
    ///
    /// @param logits address of float32 `[rows, V]`
    /// @param tokens address of int32 `[rows]`, to be written; -1 where none can be chosen, with which a row has ended
    void choose(long logits, long tokens);
  }
}
