package dev.quintet.tokenizers.tokenizer;

import java.nio.file.Path;

/// Recognises and reads what [Tokenizer#load] is given.
final class TokenizerFolder {
  private TokenizerFolder() {}

  static Tokenizer load(Path fileOrFolder) {
    throw new UnsupportedOperationException("loading is not there yet: " + fileOrFolder);
  }
}
