package dev.quintet.tokenizers.bytes;

import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.TokenizerFormat;
import dev.quintet.tokenizers.huggingface.TokenizerConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Folders whose `tokenizer_config.json` or `config.json` names the class `ByT5Tokenizer`; they hold no vocabulary.
public final class ByteTokenizerFormat implements TokenizerFormat {

  /// Made by `ServiceLoader`.
  public ByteTokenizerFormat() {}

  @Override
  public Optional<Tokenizer> load(Path folder) {
    if (Files.exists(folder.resolve("tokenizer.json"))) {
      return Optional.empty();
    }
    TokenizerConfig config = TokenizerConfig.ofFolder(folder);
    return config.isByT5() ? Optional.of(ByteTokenizer.of(config.asByT5())) : Optional.empty();
  }
}
