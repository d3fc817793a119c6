package dev.quintet.tokenizers.dual;

import dev.quintet.tokenizers.Encoding;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.file.MalformedFileException;
import dev.quintet.tokenizers.file.TokenizerFiles;
import java.nio.file.Path;
import java.util.OptionalInt;

/// A tokenizer for what a model reads and another for what it writes, each with ids of its own, for
/// models whose encoder and decoder have embeddings of their own.
///
/// As a [Tokenizer] it is the target's: ids, tokens and decoding are those of what a model writes; who encodes
/// what it reads asks for the [#source]. Padding and end have the same ids in both, so that one model has one of each.
///
/// @param source encodes what the encoder reads
/// @param target encodes labels, and decodes what the decoder writes
public record SeparateTokenizers(Tokenizer source, Tokenizer target) implements Tokenizer {

  /// The file that marks a folder of two tokenizers.
  public static final String FILE = "separate_tokenizers.json";

  private static final String SOURCE = "source";
  private static final String TARGET = "target";
  private static final String MARK = "{\n  \"version\": \"1.0\"\n}\n";

  /// Checks that the two have the same padding and end.
  ///
  /// @throws IllegalArgumentException if they have not, or one of them is such a pair itself
  public SeparateTokenizers {
    same("padding", source.padId(), target.padId());
    same("end", source.eosId(), target.eosId());
    if (source instanceof SeparateTokenizers || target instanceof SeparateTokenizers) {
      throw new IllegalArgumentException(
          "SeparateTokenizers: expected two tokenizers of one vocabulary each, got a pair within the pair");
    }
  }

  private static void same(String what, OptionalInt source, OptionalInt target) {
    if (!source.equals(target)) {
      throw new IllegalArgumentException(
          "SeparateTokenizers: expected the same id for "
              + what
              + " in both tokenizers, got "
              + (source.isPresent() ? source.getAsInt() : "none")
              + " in the source's and "
              + (target.isPresent() ? target.getAsInt() : "none")
              + " in the target's; train both with the same special tokens in the same order");
    }
  }

  /// Reads what [#save] wrote.
  ///
  /// @param folder holds the folders `source` and `target`, each as [Tokenizer#load] takes it
  /// @return the tokenizers
  /// @throws MalformedFileException when a file breaks a rule, or the two do not fit one another
  /// @throws java.io.UncheckedIOException when one of the folders is missing or cannot be read
  public static SeparateTokenizers load(Path folder) {
    Tokenizer source = Tokenizer.load(folder.resolve(SOURCE));
    Tokenizer target = Tokenizer.load(folder.resolve(TARGET));
    try {
      return new SeparateTokenizers(source, target);
    } catch (IllegalArgumentException e) {
      throw new MalformedFileException(
          folder.resolve(TARGET).toString(), "offset 0", String.valueOf(e.getMessage()));
    }
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

  @Override
  public Encoding encode(CharSequence text, boolean addSpecialTokens) {
    return target.encode(text, addSpecialTokens);
  }

  @Override
  public int[] encodeToIds(CharSequence text, boolean addSpecialTokens) {
    return target.encodeToIds(text, addSpecialTokens);
  }

  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    return target.decode(ids, skipSpecialTokens);
  }

  @Override
  public int vocabularySize() {
    return target.vocabularySize();
  }

  @Override
  public OptionalInt id(String token) {
    return target.id(token);
  }

  @Override
  public String token(int id) {
    return target.token(id);
  }

  @Override
  public OptionalInt padId() {
    return target.padId();
  }

  @Override
  public OptionalInt eosId() {
    return target.eosId();
  }

  @Override
  public OptionalInt unknownId() {
    return target.unknownId();
  }

  @Override
  public OptionalInt sentinelId(int i) {
    return target.sentinelId(i);
  }

  /// Writes both.
  ///
  /// @param folder gets the folders `source` and `target`, and a file that marks it
  /// @throws java.io.UncheckedIOException when it cannot be written
  @Override
  public void save(Path folder) {
    source.save(folder.resolve(SOURCE));
    target.save(folder.resolve(TARGET));
    TokenizerFiles.write(folder.resolve(FILE), MARK);
  }
}
