package dev.quintet.trainer.data;

import java.util.Arrays;
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
  /// @param quantiles tokens of which a half, 90, 95 and 99 % of the texts have no more; none where that was not looked for
  public record Lengths(
      int most, int rows, int cut, int longest, int empty, List<Integer> quantiles) {
    /// The shares of [#quantiles].
    public static final List<Double> SHARES = List.of(0.5, 0.9, 0.95, 0.99);

    /// Copies the list.
    public Lengths {
      quantiles = List.copyOf(quantiles);
    }

    /// Lengths without quantiles.
    public Lengths(int most, int rows, int cut, int longest, int empty) {
      this(most, rows, cut, longest, empty, List.of());
    }

    /// The lengths of texts.
    ///
    /// @param most tokens that are kept
    /// @param tokens of each text, before it is cut
    /// @param empty how many texts are empty
    public static Lengths of(int most, int[] tokens, int empty) {
      int[] sorted = tokens.clone();
      Arrays.sort(sorted);
      int n = sorted.length;
      return new Lengths(
          most,
          n,
          (int) Arrays.stream(sorted).filter(length -> length > most).count(),
          n == 0 ? 0 : sorted[n - 1],
          empty,
          n == 0
              ? List.of()
              : SHARES.stream().map(q -> sorted[(int) Math.ceil(q * n) - 1]).toList());
    }
  }
}
