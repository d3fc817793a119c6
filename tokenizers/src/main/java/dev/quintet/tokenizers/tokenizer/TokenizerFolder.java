package dev.quintet.tokenizers.tokenizer;

import dev.quintet.tokenizers.format.TokenizerConfig;
import dev.quintet.tokenizers.format.TokenizerJson;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/// Recognises and reads what [Tokenizer#load] is given.
final class TokenizerFolder {

  static final String TOKENIZER = "tokenizer.json";
  static final String CONFIG = "tokenizer_config.json";

  private TokenizerFolder() {}

  static Tokenizer load(Path fileOrFolder) {
    if (!Files.isDirectory(fileOrFolder)) {
      return HuggingFaceTokenizer.of(TokenizerJson.read(fileOrFolder), Optional.empty());
    }
    Path file = fileOrFolder.resolve(TOKENIZER);
    if (!Files.exists(file)) {
      throw new UncheckedIOException(
          new NoSuchFileException(
              fileOrFolder.toString(), TOKENIZER, "expected a folder with a " + TOKENIZER));
    }
    Path config = fileOrFolder.resolve(CONFIG);
    return HuggingFaceTokenizer.of(
        TokenizerJson.read(file),
        Files.exists(config) ? Optional.of(TokenizerConfig.read(config)) : Optional.empty());
  }
}
