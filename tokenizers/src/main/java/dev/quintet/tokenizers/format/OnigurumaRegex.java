package dev.quintet.tokenizers.format;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Turns a regular expression of a `tokenizer.json`, which Oniguruma reads, into one that means the
/// same to the JDK with `UNICODE_CHARACTER_CLASS`.
///
/// What differs: after an interval a plus means "once or more" (files that copied cl100k's pattern
/// have it), where the JDK takes it as possessive; `^` and `$` are about lines; only a line feed ends
/// a line, and `(?m)` lets the dot match it; `\h` is a hexadecimal digit; `\w` has superscript digits
/// and fractions and lacks two joiners; bracket names such as `[:alpha:]`. Compared over all code
/// points with version 0.23.2 of Hugging Face's library.
final class OnigurumaRegex {

  private static final Pattern INTERVAL = Pattern.compile("\\{([0-9]*)(,?)([0-9]*)\\}(\\+?)");
  private static final Pattern BRACKET_NAME = Pattern.compile("\\[:(\\^?)([a-z]+):\\]");
  private static final Pattern OPTIONS = Pattern.compile("\\(\\?([imx]*)(?:-([imx]*))?([:)])");

  private static final String WORD = "[\\w\\xB2\\xB3\\xB9\\xBC-\\xBE&&[^\\u200C\\u200D]]";

  private static final String NO_WORD = "[^[\\w\\xB2\\xB3\\xB9\\xBC-\\xBE&&[^\\u200C\\u200D]]]";

  /// Makes the JDK look behind by characters rather than UTF-16 units, as it does only where a
  /// supplementary character itself, not an escape of one, stands somewhere after the look-behind.
  private static final String BY_CHARACTERS = "\uD800\uDC00{0}";

  /// What a bracket name holds, as members of a class.
  static final Map<String, String> BRACKETS =
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
          Map.entry("word", WORD),
          Map.entry("any", "\\x{0}-\\x{10FFFF}"),
          Map.entry("ascii", "\\x00-\\x7F"));

  private final String regex;
  private final StringBuilder out = new StringBuilder();
  private int at;
  private int depth;
  private boolean lines;
  private boolean dots;

  private OnigurumaRegex(String regex) {
    this.regex = regex;
  }

  /// The JDK's form, or nothing when there is none.
  static Optional<String> toJdk(String regex) {
    OnigurumaRegex it = new OnigurumaRegex(regex);
    while (it.at < regex.length()) {
      if (!it.next()) {
        return Optional.empty();
      }
    }
    // Patterns that need no flags stay as they are, so that the well-known ones are recognised.
    String flags = it.lines ? "(?dm)" : it.dots ? "(?d)" : "";
    String jdk = flags + it.out;
    boolean looksBehind = jdk.contains("(?<=") || jdk.contains("(?<!");
    return Optional.of(looksBehind ? jdk + BY_CHARACTERS : jdk);
  }

  /// Translates what stands at a place; says false when the JDK cannot say it.
  private boolean next() {
    char c = regex.charAt(at);
    if (c == '\\' && at + 1 < regex.length()) {
      return escape(regex.charAt(at + 1));
    }
    if (depth > 0) {
      Matcher name = BRACKET_NAME.matcher(regex).region(at, regex.length());
      if (c == '[' && name.lookingAt()) {
        String members = BRACKETS.get(name.group(2));
        if (members == null) {
          return false;
        }
        out.append('[').append(name.group(1)).append(members).append(']');
        at = name.end();
        return true;
      }
      depth += c == '[' ? 1 : c == ']' ? -1 : 0;
      out.append(c);
      at++;
      return true;
    }
    switch (c) {
      case '[' -> {
        depth++;
        out.append(c);
        at++;
        if (regex.startsWith("^", at)) {
          out.append('^');
          at++;
        }
        // A bracket that comes first is a member.
        if (regex.startsWith("]", at)) {
          out.append("\\]");
          at++;
        }
        return true;
      }
      case '{' -> {
        return interval();
      }
      case '(' -> {
        return group();
      }
      case '^', '$' -> lines = true;
      case '.' -> dots = true;
      default -> {}
    }
    out.append(c);
    at++;
    return true;
  }

  private boolean group() {
    Matcher options = OPTIONS.matcher(regex).region(at, regex.length());
    if (options.lookingAt()) {
      out.append(options.group().replace('m', 's'));
      at = options.end();
      return true;
    }
    out.append('(');
    at++;
    return !regex.startsWith("?~", at);
  }

  private boolean interval() {
    Matcher interval = INTERVAL.matcher(regex).region(at, regex.length());
    if (!interval.lookingAt() || interval.group(1).isEmpty() && interval.group(3).isEmpty()) {
      out.append("\\{");
      at++;
      return true;
    }
    String least = interval.group(1).isEmpty() ? "0" : interval.group(1);
    at = interval.end();
    if (interval.group(4).isEmpty()) {
      out.append('{').append(least).append(interval.group(2)).append(interval.group(3)).append('}');
      return true;
    }
    if (!least.equals("0") && !least.equals("1") || interval.group(2).isEmpty()) {
      return false;
    }
    out.append(least.equals("0") ? '*' : '+');
    return true;
  }

  private boolean escape(char c) {
    at += 2;
    switch (c) {
      case 'w' -> out.append(WORD);
      case 'W' -> out.append(NO_WORD);
      case 'h' -> out.append("[0-9a-fA-F]");
      case 'H' -> out.append("[^0-9a-fA-F]");
      case 'b', 'B' -> {
        if (c == 'b' && depth > 0) {
          out.append("\\x08");
        } else {
          // The JDK's own notion of a word is another one still.
          String inside = "(?<=" + WORD + ")(?!" + WORD + ")|(?<!" + WORD + ")(?=" + WORD + ")";
          out.append(
              c == 'b'
                  ? "(?:" + inside + ")"
                  : "(?:(?<=" + WORD + ")(?=" + WORD + ")|(?<!" + WORD + ")(?!" + WORD + "))");
        }
      }
      case 'p', 'P' -> {
        return property(c);
      }
      case 'Q', 'E', 'K', 'N', 'O', 'y', 'Y' -> {
        return false;
      }
      default -> out.append('\\').append(c);
    }
    return true;
  }

  private boolean property(char c) {
    int close = regex.indexOf('}', at);
    if (!regex.startsWith("{", at) || close < 0) {
      return false;
    }
    boolean negated = regex.startsWith("{^", at);
    String name = regex.substring(at + (negated ? 2 : 1), close);
    at = close + 1;
    boolean complement = negated == (c == 'p');
    Optional<String> members = UnicodeProperty.members(name, complement);
    members.ifPresent(out::append);
    return members.isPresent();
  }
}
