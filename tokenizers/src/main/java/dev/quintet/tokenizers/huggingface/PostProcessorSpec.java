package dev.quintet.tokenizers.huggingface;

import java.util.List;

/// One step of finishing the tokens of one or two texts, as a file describes it.
public sealed interface PostProcessorSpec {

  /// Puts special tokens around the texts.
  ///
  /// @param single the pieces of a single text in their order
  /// @param pair the pieces of two texts in their order
  record Template(List<Piece> single, List<Piece> pair) implements PostProcessorSpec {}

  /// Puts special tokens around the texts as BERT or RoBERTa has them.
  ///
  /// @param begin the token before the first text
  /// @param end the token after each text
  /// @param roberta whether the second text has an end before it, too, and all types are 0
  record Wrap(int begin, int end, boolean roberta) implements PostProcessorSpec {}

  /// Takes white space out of the offsets.
  ///
  /// @param trimOffsets whether it does
  /// @param addPrefixSpace whether the first token's leading space was added and not in the text
  record ByteLevel(boolean trimOffsets, boolean addPrefixSpace) implements PostProcessorSpec {}

  /// A piece of a template.
  sealed interface Piece {}

  /// A text's own tokens.
  ///
  /// @param second whether those of the second text
  /// @param type their type
  record Text(boolean second, int type) implements Piece {}

  /// Special tokens.
  ///
  /// @param ids their ids
  /// @param type their type
  record Special(List<Integer> ids, int type) implements Piece {}
}
