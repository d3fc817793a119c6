package dev.quintet.app.chart;

/// Text within HTML and SVG.
public final class Html {
  private Html() {}

  /// A text as it has to stand in an element or in a quoted attribute; characters that XML does not know become U+FFFD.
  public static String escape(String text) {
    var escaped = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(c -> {
          switch (c) {
            case '&' -> escaped.append("&amp;");
            case '<' -> escaped.append("&lt;");
            case '>' -> escaped.append("&gt;");
            case '"' -> escaped.append("&quot;");
            case '\'' -> escaped.append("&#39;");
            case '\t', '\n', '\r' -> escaped.append((char) c);
            default -> escaped.appendCodePoint(known(c) ? c : 0xFFFD);
          }
        });
    return escaped.toString();
  }

  private static boolean known(int c) {
    return c >= 0x20 && !(c >= 0xD800 && c <= 0xDFFF) && c != 0xFFFE && c != 0xFFFF && c != 0x7F;
  }
}
