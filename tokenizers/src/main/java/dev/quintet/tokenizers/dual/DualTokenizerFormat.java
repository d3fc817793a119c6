package dev.quintet.tokenizers.dual;

import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.TokenizerFormat;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Folders that hold a `dual_tokenizer.json` and both its tokenizers.
public final class DualTokenizerFormat implements TokenizerFormat {

  /// Made by `ServiceLoader`.
  public DualTokenizerFormat() {}

  @Override
  public Optional<Tokenizer> load(Path folder) {
    return Files.exists(folder.resolve(DualSpec.FILE))
        ? Optional.of(DualTokenizer.load(folder))
        : Optional.empty();
  }
}
