package dev.quintet.models.text;

/// Hears of answers while they are generated.
@FunctionalInterface
public interface TextListener {
  /// Hears nothing.
  TextListener NONE = (prompt, answer, piece) -> {};

  /// Hears of the next piece of an answer, which no later token changes; never of an empty one. Prompts that share a batch
  /// take turns.
  ///
  /// @param prompt the prompt's place in the call
  /// @param answer which of its answers
  /// @param piece the text
  void text(int prompt, int answer, String piece);
}
