package dev.quintet.tokenizers;

import java.util.Arrays;

/// The tokens of one text or of two, or of as much of them as fits.
///
/// @param tokens the tokens; those of a second text have offsets in the second text
/// @param types for each token its type, by which BERT's relatives tell two texts apart; not copied
public record Window(Encoding tokens, int[] types) {

  /// Checks that there are as many types as tokens.
  ///
  /// @throws IllegalArgumentException when there are not
  public Window {
    if (types.length != tokens.size()) {
      throw new IllegalArgumentException(
          "Window: expected " + tokens.size() + " types, got " + types.length);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Window that
        && tokens.equals(that.tokens)
        && Arrays.equals(types, that.types);
  }

  @Override
  public int hashCode() {
    return 31 * tokens.hashCode() + Arrays.hashCode(types);
  }

  @Override
  public String toString() {
    return "Window[" + tokens + ", types " + Arrays.toString(types) + "]";
  }
}
