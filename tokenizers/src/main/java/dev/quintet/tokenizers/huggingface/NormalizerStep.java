package dev.quintet.tokenizers.huggingface;

import java.text.Normalizer;

/// One step of normalizing a text, as a `tokenizer.json` describes it.
public sealed interface NormalizerStep {

  /// A Unicode normal form.
  ///
  /// @param form the form
  record Form(Normalizer.Form form) implements NormalizerStep {}

  /// SentencePiece's compiled rules, grapheme by grapheme.
  ///
  /// @param charsmap the compiled rules; not copied
  @SuppressWarnings("ArrayRecordComponent")
  record Precompiled(byte[] charsmap) implements NormalizerStep {}

  /// Takes white space off the ends.
  ///
  /// @param left whether at the beginning
  /// @param right whether at the end
  record Strip(boolean left, boolean right) implements NormalizerStep {}

  /// Puts a text in the place of every match.
  ///
  /// @param pattern a string, or a regular expression in the JDK's syntax, read with
  ///     `UNICODE_CHARACTER_CLASS`
  /// @param regex whether it is a regular expression
  /// @param content what replaces a match
  record Replace(String pattern, boolean regex, String content) implements NormalizerStep {}

  /// Puts a text before every text that is not empty.
  ///
  /// @param content what is put before it
  record Prepend(String content) implements NormalizerStep {}

  /// Turns each character into its lower case, whatever stands beside it.
  record Lowercase() implements NormalizerStep {}

  /// Takes characters of the category M out.
  record StripAccents() implements NormalizerStep {}

  /// Takes control characters out and turns some kinds of white space into spaces.
  record Nmt() implements NormalizerStep {}

  /// Turns each byte into the letter that stands for it.
  record ByteLetters() implements NormalizerStep {}

  /// What BERT does to a text.
  ///
  /// @param cleanText whether control characters go and white space becomes spaces
  /// @param handleChineseChars whether Chinese characters get spaces around them
  /// @param stripAccents whether marks that take no place go
  /// @param lowercase whether letters become lower case
  record Bert(
      boolean cleanText, boolean handleChineseChars, boolean stripAccents, boolean lowercase)
      implements NormalizerStep {}
}
