package dev.quintet.tokenizers.regex;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Brackets with all that stands in them, such as `[^\w&&[:alpha:]]`.
final class BracketExpression {

  private static final Pattern NAME = Pattern.compile("\\[:(\\^?)([a-z]+):\\]");

  /// What a bracket name holds, as members of a class.
  static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("punct", "\\p{P}\\p{S}"),
          Map.entry("upper", "\\p{Upper}"),
          Map.entry("lower", "\\p{Lower}"),
          Map.entry("alpha", "\\p{Alpha}"),
          Map.entry("alnum", "\\p{Alnum}"),
          Map.entry("space", "\\s"),
          Map.entry("digit", "\\d"),
          Map.entry("xdigit", "0-9a-fA-F"),
          Map.entry("blank", "\\p{Blank}"),
          Map.entry("cntrl", "\\p{Cntrl}"),
          Map.entry("graph", "\\p{Graph}"),
          Map.entry("print", "\\p{Print}"),
          Map.entry("word", Escape.WORD),
          Map.entry("any", "\\x{0}-\\x{10FFFF}"),
          Map.entry("ascii", "\\x00-\\x7F"));

  private final String regex;
  private final boolean ignoresCase;
  private final StringBuilder out = new StringBuilder();
  private int at;
  private int depth;

  /// Reads the brackets that open at a place.
  BracketExpression(String regex, int start, boolean ignoresCase) throws UnsupportedRegexException {
    this.regex = regex;
    this.ignoresCase = ignoresCase;
    this.at = start;
    do {
      member();
    } while (depth > 0 && at < regex.length());
    if (depth == 0 && ignoresCase) {
      ignoreCase();
    }
  }

  /// The JDK's form.
  String jdk() {
    return out.toString();
  }

  /// Where they end.
  int end() {
    return at;
  }

  /// Takes the letters of Turkish out of brackets, or puts them in, where the JDK does not do as they
  /// say.
  private void ignoreCase() {
    String brackets = out.toString();
    int flags = Pattern.UNICODE_CHARACTER_CLASS;
    Pattern plain = Pattern.compile(brackets, flags);
    Pattern folded = Pattern.compile(brackets, flags | Pattern.CASE_INSENSITIVE);
    StringBuilder more = new StringBuilder();
    StringBuilder fewer = new StringBuilder();
    for (String letter : new String[] {"\u0130", "\u0131"}) {
      boolean wanted = plain.matcher(letter).matches();
      if (wanted != folded.matcher(letter).matches()) {
        (wanted ? more : fewer).append(letter);
      }
    }
    if (!fewer.isEmpty()) {
      out.insert(0, "(?:(?!(?-i:[" + fewer + "]))").append(')');
    }
    if (!more.isEmpty()) {
      out.insert(0, "(?:(?-i:[" + more + "])|").append(')');
    }
  }

  /// A part of brackets.
  private void member() throws UnsupportedRegexException {
    char c = regex.charAt(at);
    Matcher name = NAME.matcher(regex).region(at, regex.length());
    if (c == '\\' && at + 1 < regex.length()) {
      var escape = Escape.inside(regex, at, ignoresCase);
      out.append(escape.jdk());
      at = escape.end();
    } else if (c == '[' && depth > 0 && name.lookingAt()) {
      String members = NAMES.get(name.group(2));
      if (members == null) {
        throw new UnsupportedRegexException(name.group(), at, "known are " + NAMES.keySet());
      }
      Escape.keepCase(ignoresCase, name.group(2), name.group(), at);
      boolean word = name.group(2).equals("word");
      out.append('[')
          .append(name.group(1))
          .append(word ? Escape.WORD_IN_BRACKETS : members)
          .append(']');
      at = name.end();
    } else if (c == '[') {
      depth++;
      at++;
      out.append(c);
      if (regex.startsWith("^", at)) {
        out.append('^');
        at++;
      }
      // A bracket that comes first is a member.
      if (regex.startsWith("]", at)) {
        out.append("\\]");
        at++;
      }
    } else if (regex.startsWith("&&]", at)) {
      throw new UnsupportedRegexException("&&", at, "something must follow it");
    } else {
      depth -= c == ']' ? 1 : 0;
      out.append(c);
      at++;
    }
  }
}
