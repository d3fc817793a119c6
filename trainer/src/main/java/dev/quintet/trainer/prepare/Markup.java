package dev.quintet.trainer.prepare;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Takes HTML's markup out of texts. A tag ends at the first `>`, also at one in quotes.
///
/// Time is linear in the text, whatever it holds: what is sought in vain is not sought again.
final class Markup {
  private static final Set<String> BLOCKS =
      Set.of(
          "p",
          "br",
          "div",
          "li",
          "tr",
          "h1",
          "h2",
          "h3",
          "h4",
          "h5",
          "h6",
          "ul",
          "ol",
          "table",
          "blockquote",
          "pre");

  private static final Map<String, String> ENTITIES =
      Map.ofEntries(
          Map.entry("amp", "&"),
          Map.entry("lt", "<"),
          Map.entry("gt", ">"),
          Map.entry("quot", "\""),
          Map.entry("apos", "'"),
          Map.entry("nbsp", "\u00A0"),
          Map.entry("hellip", "\u2026"),
          Map.entry("mdash", "\u2014"),
          Map.entry("ndash", "\u2013"),
          Map.entry("lsquo", "\u2018"),
          Map.entry("rsquo", "\u2019"),
          Map.entry("ldquo", "\u201C"),
          Map.entry("rdquo", "\u201D"),
          Map.entry("copy", "\u00A9"),
          Map.entry("reg", "\u00AE"),
          Map.entry("trade", "\u2122"),
          Map.entry("euro", "\u20AC"));

  private static final int LONGEST_ENTITY = 32;

  private Markup() {}

  static String removed(String text) {
    String plain = text.indexOf('<') < 0 ? text : withoutTags(withoutBlocks(text));
    return plain.indexOf('&') < 0 ? plain : withoutEntities(plain);
  }

  /// Scripts, styles and comments become a space each.
  private static String withoutBlocks(String text) {
    var out = new StringBuilder(text.length());
    boolean[] gone = new boolean[3]; // no end of a script, a style, a comment is to come
    int at = 0;
    while (at < text.length()) {
      int open = text.indexOf('<', at);
      if (open < 0) {
        break;
      }
      int end = -1;
      if (text.startsWith("<!--", open)) {
        if (!gone[2]) {
          int close = text.indexOf("-->", open + 4);
          gone[2] = close < 0;
          end = close < 0 ? -1 : close + 3;
        }
      } else {
        for (int k = 0; k < 2 && end < 0; k++) {
          String name = k == 0 ? "script" : "style";
          if (!gone[k] && isNamed(text, open + 1, name)) {
            int start = text.indexOf('>', open);
            end = start < 0 ? -1 : closed(text, start + 1, name);
            gone[k] = end < 0;
          }
        }
      }
      out.append(text, at, open).append(end < 0 ? "<" : " ");
      at = end < 0 ? open + 1 : end;
    }
    return out.append(text, at, text.length()).toString();
  }

  private static boolean isNamed(String text, int at, String name) {
    int end = at + name.length();
    return text.regionMatches(true, at, name, 0, name.length())
        && (end == text.length() || !isWord(text.charAt(end)));
  }

  /// Behind the closing tag of this name; -1 if there is none.
  private static int closed(String text, int from, String name) {
    for (int at = text.indexOf("</", from); at >= 0; at = text.indexOf("</", at + 2)) {
      if (text.regionMatches(true, at + 2, name, 0, name.length())) {
        int end = at + 2 + name.length();
        while (end < text.length() && Character.isWhitespace(text.charAt(end))) {
          end++;
        }
        if (end < text.length() && text.charAt(end) == '>') {
          return end + 1;
        }
      }
    }
    return -1;
  }

  /// Block tags become line feeds, others nothing.
  private static String withoutTags(String text) {
    var out = new StringBuilder(text.length());
    int at = 0;
    while (at < text.length()) {
      int open = text.indexOf('<', at);
      if (open < 0) {
        break;
      }
      int name = open + 1 < text.length() && text.charAt(open + 1) == '/' ? open + 2 : open + 1;
      boolean tag = name < text.length() && isLetter(text.charAt(name));
      int close = tag ? text.indexOf('>', name) : -1;
      out.append(text, at, open);
      if (tag && close < 0) {
        at = open; // no tag ends from here on
        break;
      }
      if (!tag) {
        out.append('<');
        at = open + 1;
        continue;
      }
      int end = name;
      while (isWord(text.charAt(end)) && text.charAt(end) != '_') {
        end++;
      }
      out.append(BLOCKS.contains(text.substring(name, end).toLowerCase(Locale.ROOT)) ? "\n" : "");
      at = close + 1;
    }
    return out.append(text, at, text.length()).toString();
  }

  private static String withoutEntities(String text) {
    var out = new StringBuilder(text.length());
    int at = 0;
    while (at < text.length()) {
      int open = text.indexOf('&', at);
      if (open < 0) {
        break;
      }
      out.append(text, at, open);
      int close = open + 1;
      while (close < text.length()
          && close - open < LONGEST_ENTITY
          && (isWord(text.charAt(close)) || text.charAt(close) == '#')) {
        close++;
      }
      boolean ended = close < text.length() && text.charAt(close) == ';';
      String value = ended ? entity(text.substring(open + 1, close)) : "";
      out.append(value.isEmpty() ? "&" : value);
      at = value.isEmpty() ? open + 1 : close + 1;
    }
    return out.append(text, at, text.length()).toString();
  }

  /// What an entity stands for; nothing if it is unknown.
  private static String entity(String name) {
    if (name.matches("#[0-9]+")) {
      return character(name.substring(1), 10);
    }
    if (name.matches("#[xX][0-9a-fA-F]+")) {
      return character(name.substring(2), 16);
    }
    return ENTITIES.getOrDefault(name, "");
  }

  private static String character(String digits, int radix) {
    String plain = digits.replaceFirst("^0+(?=.)", "");
    int code = plain.length() > 7 ? Integer.MAX_VALUE : Integer.parseInt(plain, radix);
    boolean is =
        code > 0 && code <= Character.MAX_CODE_POINT && !(code >= 0xD800 && code <= 0xDFFF);
    return is ? Character.toString(code) : "\uFFFD";
  }

  private static boolean isLetter(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }

  private static boolean isWord(char c) {
    return isLetter(c) || c >= '0' && c <= '9' || c == '_';
  }
}
