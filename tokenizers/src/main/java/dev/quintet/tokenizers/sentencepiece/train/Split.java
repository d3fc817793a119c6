package dev.quintet.tokenizers.sentencepiece.train;

/// Where words begin in normalized text: before each space symbol, or after it.
///
/// @param suffix whether words carry their space at the end
/// @param spacesTogether whether spaces in a row are one
public record Split(boolean suffix, boolean spacesTogether) {

  /// Takes what options say.
  ///
  /// @param options the options
  /// @return how to split
  public static Split of(SentencePieceOptions options) {
    // Whole words always carry their space before them.
    return options.text("model_type").equals("word")
        ? new Split(false, false)
        : new Split(
            options.on("treat_whitespace_as_suffix"), options.on("allow_whitespace_only_pieces"));
  }

  /// Takes words.
  @FunctionalInterface
  public interface Sink {
    /// Takes a word.
    ///
    /// @param from where it begins
    /// @param to where it ends
    void word(int from, int to);
  }

  private static boolean isSpace(byte[] text, int i) {
    return text[i] == (byte) 0xE2 && text[i + 1] == (byte) 0x96 && text[i + 2] == (byte) 0x81;
  }

  /// Visits the words of a text.
  ///
  /// @param text UTF-8 that is well formed
  /// @param from where to begin
  /// @param to where to end
  /// @param sink takes the words
  public void each(byte[] text, int from, int to, Sink sink) {
    int start = from;
    boolean afterSpace = false;
    for (int i = from; i < to; ) {
      byte b = text[i];
      boolean space = b == (byte) 0xE2 && isSpace(text, i);
      boolean cut =
          suffix
              ? afterSpace && (!spacesTogether || !space)
              : space && (!spacesTogether || !afterSpace);
      if (cut && i > start) {
        sink.word(start, i);
        start = i;
      }
      afterSpace = space;
      i += WellFormed.length(b);
    }
    if (start < to) {
      sink.word(start, to);
    }
  }
}
