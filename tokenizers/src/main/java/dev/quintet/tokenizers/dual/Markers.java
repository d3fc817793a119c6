package dev.quintet.tokenizers.dual;

import java.util.stream.IntStream;

/// Code stands between an opening and the next closing marker; markers do not nest.
record Markers(String open, String close) implements Router {

  Markers {
    if (open.isEmpty() || close.isEmpty()) {
      throw new IllegalArgumentException(
          "markers: expected two texts that are not empty, got \""
              + open
              + "\", \""
              + close
              + "\"");
    }
  }

  @Override
  public CodeSpans route(String text) {
    IntStream.Builder bounds = IntStream.builder();
    for (int at = text.indexOf(open); at >= 0; ) {
      int start = at + open.length();
      int end = text.indexOf(close, start);
      bounds.add(start).add(end < 0 ? text.length() : end);
      at = end < 0 ? -1 : text.indexOf(open, end + close.length());
    }
    return CodeSpans.of(bounds.build().toArray());
  }
}
