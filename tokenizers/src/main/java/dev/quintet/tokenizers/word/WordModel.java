package dev.quintet.tokenizers.word;

import dev.quintet.tokenizers.text.TokenBuffer;

/// Encodes one word of a text at a time. Immutable; any number of threads may use one.
public interface WordModel {

  /// Encodes one word.
  ///
  /// @param utf8 holds the word; valid UTF-8
  /// @param start where the word begins in it
  /// @param end where it ends, after `start`
  /// @param out takes the tokens, with their places in `utf8`
  void encode(byte[] utf8, int start, int end, TokenBuffer out);
}
