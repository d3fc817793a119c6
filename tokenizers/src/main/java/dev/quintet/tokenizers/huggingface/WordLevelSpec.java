package dev.quintet.tokenizers.huggingface;

/// A model whose tokens are whole words, as a `tokenizer.json` describes it.
///
/// @param vocabulary the words
/// @param unknown the token for other words
public record WordLevelSpec(Vocabulary vocabulary, String unknown) implements ModelSpec {}
