package dev.quintet.tokenizers.huggingface;

/// The model of a `tokenizer.json`.
public sealed interface ModelSpec permits BpeSpec, UnigramSpec, WordPieceSpec, WordLevelSpec {

  /// The model's tokens.
  ///
  /// @return the tokens and their ids
  Vocabulary vocabulary();
}
