package dev.quintet.tokenizers.dual;

import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.TokenizerFormat;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Folders that hold a `dual_tokenizer.json` or a `separate_tokenizers.json`, and both tokenizers.
public final class DualTokenizerFormat implements TokenizerFormat {

  /// Made by `ServiceLoader`.
  public DualTokenizerFormat() {}

  @Override
  public Optional<Tokenizer> load(Path folder) {
    if (Files.exists(folder.resolve(SeparateTokenizers.FILE))) {
      return Optional.of(SeparateTokenizers.load(folder));
    }
    return Files.exists(folder.resolve(DualSpec.FILE))
        ? Optional.of(DualTokenizer.load(folder))
        : Optional.empty();
  }
}
