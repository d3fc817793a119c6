package dev.quintet.tokenizers;

import java.nio.file.Path;
import java.util.Optional;

/// A kind of folder that [Tokenizer#load] reads beside those that it knows itself; found with
/// `ServiceLoader` and asked first.
public interface TokenizerFormat {

  /// Loads a folder if it is of this kind.
  ///
  /// @param folder the folder
  /// @return the tokenizer, or nothing when the folder is of another kind
  /// @throws dev.quintet.tokenizers.file.MalformedFileException when it is of this kind and breaks a rule
  /// @throws java.io.UncheckedIOException when it cannot be read
  Optional<Tokenizer> load(Path folder);
}
