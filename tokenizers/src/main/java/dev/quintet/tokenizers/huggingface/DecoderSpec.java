package dev.quintet.tokenizers.huggingface;

/// One step of turning tokens into text, as a file describes it. What the last step gives is joined;
/// without any step tokens are joined by spaces.
public sealed interface DecoderSpec {

  /// The tokens' letters stand for bytes.
  record ByteLevel() implements DecoderSpec {}

  /// Tokens such as `<0x0A>` stand for a byte.
  record ByteFallback() implements DecoderSpec {}

  /// A character stands for a space.
  ///
  /// @param replacement the character
  /// @param first whether it stands for nothing in the first token
  record Metaspace(String replacement, boolean first) implements DecoderSpec {}

  /// All tokens become one.
  record Fuse() implements DecoderSpec {}

  /// Takes a character off a token's ends.
  ///
  /// @param content the character
  /// @param start how often at the beginning, at most
  /// @param stop how often at the end, at most
  record Strip(String content, int start, int stop) implements DecoderSpec {}

  /// Puts a text in the place of every match.
  ///
  /// @param pattern a string, or a regular expression in the JDK's syntax, read with
  ///     `UNICODE_CHARACTER_CLASS`
  /// @param regex whether it is a regular expression
  /// @param content what replaces a match
  record Replace(String pattern, boolean regex, String content) implements DecoderSpec {}

  /// Joins tokens that begin with a prefix to the one before, others with a space.
  ///
  /// @param prefix the prefix
  /// @param cleanup whether spaces before punctuation and English contractions go
  record WordPiece(String prefix, boolean cleanup) implements DecoderSpec {}

  /// A suffix stands for the space after a word, and for nothing in the last token.
  ///
  /// @param suffix the suffix
  record EndOfWord(String suffix) implements DecoderSpec {}

  /// Connectionist temporal classification: equal neighbours are one, padding goes.
  ///
  /// @param pad the padding token
  /// @param wordDelimiter the token that stands for a space
  /// @param cleanup whether spaces before punctuation and English contractions go
  record Ctc(String pad, String wordDelimiter, boolean cleanup) implements DecoderSpec {}
}
