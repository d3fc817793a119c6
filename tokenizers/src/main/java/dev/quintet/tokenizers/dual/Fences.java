package dev.quintet.tokenizers.dual;

import java.util.stream.IntStream;

/// Markdown's fenced code blocks (CommonMark 0.31, section 4.5): three or more backticks or tildes
/// open one, as many or more of the same and nothing else close it, and without an end it reaches to
/// the end of the text. So a longer fence may hold shorter ones. The fence lines are not code, the
/// line ends before them are.
///
/// Other than there, a fence may be indented by any white space, as those within lists are.
record Fences() implements Router {

  private static final int SHORTEST = 3;

  @Override
  public CodeSpans route(String text) {
    IntStream.Builder bounds = IntStream.builder();
    int begin = -1;
    char mark = 0;
    int length = 0;
    for (int at = 0; at < text.length(); ) {
      int end = Lines.end(text, at);
      int next = Lines.next(text, end);
      int first = at;
      while (first < end && isBlank(text.charAt(first))) {
        first++;
      }
      int after = first;
      while (after < end && text.charAt(after) == text.charAt(first)) {
        after++;
      }
      int run = after - first;
      char letter = first < end ? text.charAt(first) : 0;
      if (begin < 0) {
        if (run >= SHORTEST && opens(text, letter, after, end)) {
          begin = next;
          mark = letter;
          length = run;
        }
      } else if (letter == mark && run >= length && blank(text, after, end)) {
        bounds.add(begin).add(at);
        begin = -1;
      }
      at = next;
    }
    if (begin >= 0) {
      bounds.add(begin).add(text.length());
    }
    return CodeSpans.of(bounds.build().toArray());
  }

  /// Three backticks with more of them later on the same line are code within a line.
  private static boolean opens(String text, char letter, int after, int end) {
    return switch (letter) {
      case '~' -> true;
      case '`' -> {
        int backtick = text.indexOf('`', after);
        yield backtick < 0 || backtick >= end;
      }
      default -> false;
    };
  }

  private static boolean blank(String text, int from, int to) {
    int at = from;
    while (at < to && isBlank(text.charAt(at))) {
      at++;
    }
    return at == to;
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }
}
