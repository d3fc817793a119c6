package dev.quintet.tokenizers.sentencepiece.train;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A mark in the corpus across which no piece may reach, and which is not part of the text itself
/// (`pretokenization_delimiter`).
final class Delimiter {

  /// No mark.
  static final Delimiter NONE = new Delimiter(new byte[0]);

  private final byte[] mark;

  private Delimiter(byte[] mark) {
    this.mark = mark;
  }

  static Delimiter of(SentencePieceOptions options) {
    String mark = options.text("pretokenization_delimiter");
    return mark.isEmpty() ? NONE : new Delimiter(mark.getBytes(StandardCharsets.UTF_8));
  }

  private int next(byte[] text, int from, int to) {
    if (mark.length == 0) {
      return to;
    }
    for (int i = from; i + mark.length <= to; i++) {
      if (Arrays.equals(text, i, i + mark.length, mark, 0, mark.length)) {
        return i;
      }
    }
    return to;
  }

  /// Visits what stands between the marks, empty parts too.
  void each(byte[] text, Split.Sink sink) {
    int from = 0;
    while (true) {
      int at = next(text, from, text.length);
      sink.word(from, at);
      if (at == text.length) {
        return;
      }
      from = at + mark.length;
    }
  }

  /// A text without its marks.
  byte[] removed(byte[] text) {
    return next(text, 0, text.length) == text.length ? text : replaced(text, 0, text.length, false);
  }

  private byte[] replaced(byte[] text, int start, int end, boolean boundary) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int from = start;
    while (true) {
      int at = next(text, from, end);
      out.write(text, from, at - from);
      if (at == end) {
        return out.toByteArray();
      }
      if (boundary) {
        out.write(PieceRules.BOUNDARY);
      }
      from = at + mark.length;
    }
  }

  /// Words with boundaries in the place of marks.
  Words marked(Words words) {
    if (mark.length == 0) {
      return words;
    }
    Words marked = new Words();
    for (int w = 0; w < words.size(); w++) {
      byte[] text = replaced(words.bytes(), words.start(w), words.end(w), true);
      marked.append(text, 0, text.length, words.count(w));
    }
    return marked;
  }
}
