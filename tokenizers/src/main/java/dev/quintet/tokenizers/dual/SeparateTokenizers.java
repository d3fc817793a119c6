package dev.quintet.tokenizers.dual;

import dev.quintet.tokenizers.Tokenizer;
import java.nio.file.Path;

/// A tokenizer for what a model reads and another for what it writes, each with ids of its own, for
/// models whose encoder and decoder have embeddings of their own.
///
/// @param source encodes what the encoder reads
/// @param target encodes labels, and decodes what the decoder writes
public record SeparateTokenizers(Tokenizer source, Tokenizer target) {

  private static final String SOURCE = "source";
  private static final String TARGET = "target";

  /// Reads what [#save] wrote.
  ///
  /// @param folder holds the folders `source` and `target`, each as [Tokenizer#load] takes it
  /// @return the tokenizers
  /// @throws dev.quintet.tokenizers.file.MalformedFileException when a file breaks a rule
  /// @throws java.io.UncheckedIOException when one of the folders is missing or cannot be read
  public static SeparateTokenizers load(Path folder) {
    return new SeparateTokenizers(
        Tokenizer.load(folder.resolve(SOURCE)), Tokenizer.load(folder.resolve(TARGET)));
  }

  /// Encodes what the encoder reads, with the source's special tokens.
  ///
  /// @param text the text
  /// @return ids of the source's vocabulary
  public int[] encodeSource(CharSequence text) {
    return source.encodeToIds(text, true);
  }

  /// Encodes what the decoder should write, with the target's special tokens.
  ///
  /// @param text the text
  /// @return ids of the target's vocabulary
  public int[] encodeTarget(CharSequence text) {
    return target.encodeToIds(text, true);
  }

  /// Turns what the decoder wrote into text.
  ///
  /// @param ids ids of the target's vocabulary
  /// @return the text, without special tokens
  public String decode(int[] ids) {
    return target.decode(ids, true);
  }

  /// Writes both.
  ///
  /// @param folder gets the folders `source` and `target`
  /// @throws java.io.UncheckedIOException when it cannot be written
  public void save(Path folder) {
    source.save(folder.resolve(SOURCE));
    target.save(folder.resolve(TARGET));
  }
}
