package dev.quintet.tokenizers.tokenizer;

import dev.quintet.tokenizers.format.TokenizerJson;

/// The pipeline that a `tokenizer.json` describes.
final class HuggingFaceTokenizer {
  private HuggingFaceTokenizer() {}

  static Tokenizer of(TokenizerJson description, SpecialNames names) {
    throw new UnsupportedOperationException("not there yet: " + description + names);
  }
}
