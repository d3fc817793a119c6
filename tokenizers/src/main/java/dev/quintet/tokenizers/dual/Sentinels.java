package dev.quintet.tokenizers.dual;

import dev.quintet.tokenizers.Tokenizer;

/// Finds `<extra_id_i>` in a text: they stay the language tokenizer's wherever they stand.
final class Sentinels {

  private static final String BEGIN = "<extra_id_";

  private final Tokenizer language;

  Sentinels(Tokenizer language) {
    this.language = language;
  }

  /// Where the sentinel ends that begins at a place, or -1.
  int endAt(String text, int at, int end) {
    if (text.charAt(at) != '<' || !text.startsWith(BEGIN, at)) {
      return -1;
    }
    int close = at + BEGIN.length();
    while (close < end && text.charAt(close) >= '0' && text.charAt(close) <= '9') {
      close++;
    }
    boolean closed = close < end && text.charAt(close) == '>' && close > at + BEGIN.length();
    String sentinel = text.substring(at, closed ? close + 1 : at);
    boolean known =
        closed
            && (language.id(sentinel).isPresent() || language.id("\u2581" + sentinel).isPresent());
    return known ? close + 1 : -1;
  }

  /// Adds a stretch of code to the cuts.
  void addCode(String text, int start, int end, CutList out) {
    int from = start;
    for (int at = text.indexOf(BEGIN, start); at >= 0 && at < end; ) {
      int stop = endAt(text, at, end);
      if (stop > 0) {
        out.add(from, at, true);
        out.add(at, stop, false);
        from = stop;
      }
      at = text.indexOf(BEGIN, Math.max(stop, at + 1));
    }
    out.add(from, end, true);
  }
}
