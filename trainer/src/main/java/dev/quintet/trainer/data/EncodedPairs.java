package dev.quintet.trainer.data;

import java.util.List;

/// Pairs as token ids, and what became of them on the way.
///
/// @param examples the ids, cut to the longest lengths allowed
/// @param sources how long the sources were
/// @param targets how long the targets were
public record EncodedPairs(List<Example> examples, Lengths sources, Lengths targets) {

  /// Copies the list, not the ids.
  public EncodedPairs {
    examples = List.copyOf(examples);
  }

  /// What lengths some texts have, and how many are too long.
  ///
  /// @param most tokens that are kept, the end token included
  /// @param rows how many texts there are
  /// @param cut how many are longer, and so are cut
  /// @param longest tokens of the longest, before it was cut
  /// @param empty how many texts are empty
  public record Lengths(int most, int rows, int cut, int longest, int empty) {

    /// The same with one more text.
    Lengths with(String text, int tokens) {
      return new Lengths(
          most,
          rows + 1,
          cut + (tokens > most ? 1 : 0),
          Math.max(longest, tokens),
          empty + (text.isEmpty() ? 1 : 0));
    }
  }
}
