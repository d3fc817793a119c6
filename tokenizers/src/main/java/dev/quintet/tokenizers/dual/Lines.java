package dev.quintet.tokenizers.dual;

import java.util.function.Predicate;
import java.util.stream.IntStream;

/// Line by line, as a classifier says. A line ends with LF, CR LF or CR, and owns its end.
record Lines(Predicate<String> isCode) implements Router {

  @Override
  public CodeSpans route(String text) {
    IntStream.Builder bounds = IntStream.builder();
    for (int at = 0; at < text.length(); ) {
      int end = end(text, at);
      int next = next(text, end);
      if (isCode.test(text.substring(at, end))) {
        bounds.add(at).add(next);
      }
      at = next;
    }
    return CodeSpans.of(bounds.build().toArray());
  }

  /// Where the line's text ends.
  static int end(String text, int start) {
    int end = start;
    while (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != '\r') {
      end++;
    }
    return end;
  }

  /// Where the next line begins, given where this one's text ends.
  static int next(String text, int end) {
    if (end == text.length()) {
      return end;
    }
    return text.startsWith("\r\n", end) ? end + 2 : end + 1;
  }
}
