package dev.quintet.tokenizers.format;

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
}
