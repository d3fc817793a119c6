package dev.quintet.tokenizers.format;

/// A tokenizer in the form of a `tokenizer.json`.
public final class TokenizerJson {
  TokenizerJson() {}
}
