package dev.quintet.tokenizers.regex;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a backslash and what follows it are to the JDK.
///
/// @param jdk the JDK's form
/// @param end where it ends in the regular expression
record Escape(String jdk, int end) {

  private static final Pattern DIGITS = Pattern.compile("[0-9]+");
  private static final Pattern OCTAL = Pattern.compile("[0-7]{1,3}");
  private static final Pattern CAPTURE = Pattern.compile("\\\\.|\\((?!\\?)");

  static final String WORD = "[\\w\\xB2\\xB3\\xB9\\xBC-\\xBE&&[^\\u200C\\u200D]]";

  static final String WORD_IN_BRACKETS = "[\\w&&[^\\u200C\\u200D]]";

  private static final String NO_WORD = "[^[\\w\\xB2\\xB3\\xB9\\xBC-\\xBE&&[^\\u200C\\u200D]]]";

  /// A grapheme; the JDK cuts between U+FFFE and what joins it.
  private static final String GRAPHEME =
      "(?:\\x{FFFE}(?:(?=[\\p{M}\\u200C\\u200D\\uFF9E\\uFF9F\\x{1F3FB}-\\x{1F3FF}\\x{E0020}-\\x{E007F}])\\X)?|\\X)";

  /// An escape in brackets.
  static Escape inside(String regex, int start, boolean ignoresCase)
      throws UnsupportedRegexException {
    char c = regex.charAt(start + 1);
    return switch (c) {
      case 'w' -> new Escape(WORD_IN_BRACKETS, start + 2);
      case 'W' -> new Escape("[^" + WORD_IN_BRACKETS + "]", start + 2);
      case 'b' -> new Escape("\\x08", start + 2);
      default -> {
        var common = anywhere(regex, start, ignoresCase, true);
        yield common.isPresent() ? common.get() : itself(regex, start);
      }
    };
  }

  /// An escape outside brackets, but for a group's name; nothing where a letter stands for itself.
  static Optional<Escape> outside(String regex, int start, boolean ignoresCase)
      throws UnsupportedRegexException {
    char c = regex.charAt(start + 1);
    String jdk =
        switch (c) {
          case 'w' -> WORD;
          case 'W' -> NO_WORD;
          case 'b' -> "(?:" + edge("=", "!") + "|" + edge("!", "=") + ")";
          case 'B' -> "(?:" + edge("=", "=") + "|" + edge("!", "!") + ")";
          case 'A', 'z', 'R' -> "\\" + c;
          case 'Z' -> "(?=\\n?\\z)";
          case 'N' -> "[^\\n]";
          case 'O' -> "(?s:.)";
          case 'X' -> GRAPHEME;
          case 'K' ->
              throw new UnsupportedRegexException("\\K", start, "use a look-behind, (?<=...)");
          case 'G', 'g', 'y', 'Y' ->
              throw new UnsupportedRegexException(
                  "\\" + c, start, "leave it out or spell out what it means");
          default -> "";
        };
    return jdk.isEmpty()
        ? anywhere(regex, start, ignoresCase, false)
            .or(() -> isLetter(regex, start) ? Optional.empty() : Optional.of(itself(regex, start)))
        : Optional.of(new Escape(jdk, start + 2));
  }

  /// What has one meaning inside brackets and outside; nothing where what follows stands for itself.
  private static Optional<Escape> anywhere(
      String regex, int start, boolean ignoresCase, boolean inside)
      throws UnsupportedRegexException {
    int at = start + 2;
    char c = regex.charAt(start + 1);
    return switch (c) {
      case 'h' -> Optional.of(new Escape("[0-9a-fA-F]", at));
      case 'H' -> Optional.of(new Escape("[^0-9a-fA-F]", at));
      case 'v' -> Optional.of(new Escape("\\x0B", at));
      case 'p', 'P' -> property(regex, start, ignoresCase, inside);
      case 'd', 'D', 's', 'S', 'a', 'e', 'f', 't', 'n', 'r', 'u', 'c' ->
          Optional.of(new Escape("\\" + c, at));
      case 'x' -> {
        int end = regex.startsWith("{", at) ? regex.indexOf('}', at) + 1 : 0;
        end = Math.max(at, end);
        yield Optional.of(new Escape("\\x" + regex.substring(at, end), end));
      }
      case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' ->
          Optional.of(digits(regex, start, inside));
      case 'C', 'M', 'o' -> throw new UnsupportedRegexException("\\" + c, start, "use \\x{...}");
      default -> Optional.empty();
    };
  }

  /// The JDK's own notion of a word is another one still.
  private static String edge(String before, String after) {
    return "(?<" + before + WORD + ")(?" + after + WORD + ")";
  }

  private static boolean isLetter(String regex, int start) {
    int c = regex.codePointAt(start + 1);
    return c >= 0x80 || Character.isLetter(c);
  }

  private static Escape itself(String regex, int start) {
    String c = Character.toString(regex.codePointAt(start + 1));
    return new Escape(isLetter(regex, start) ? c : "\\" + c, start + 1 + c.length());
  }

  /// A group's number, or a character's in octal digits.
  private static Escape digits(String regex, int start, boolean inside)
      throws UnsupportedRegexException {
    Matcher digits = DIGITS.matcher(regex).region(start + 1, regex.length());
    Matcher octal = OCTAL.matcher(regex).region(start + 1, regex.length());
    boolean any = digits.lookingAt() && !inside && regex.charAt(start + 1) != '0';
    if (any && digits.group().length() < 4) {
      int number = Integer.parseInt(digits.group());
      if (number <= CAPTURE.matcher(regex).results().filter(m -> m.group().equals("(")).count()) {
        return new Escape("(?:\\" + number + ")", digits.end());
      }
    }
    boolean single = any && digits.group().length() == 1;
    if (single || !octal.lookingAt()) {
      throw new UnsupportedRegexException(
          "\\" + regex.charAt(start + 1), start, "there is no group of that number");
    }
    int character = Integer.parseInt(octal.group(), 8);
    return new Escape("\\x{" + Integer.toHexString(character) + "}", octal.end());
  }

  private static Optional<Escape> property(
      String regex, int start, boolean ignoresCase, boolean inside)
      throws UnsupportedRegexException {
    int at = start + 2;
    int close = regex.indexOf('}', at);
    if (!regex.startsWith("{", at) || close < 0) {
      return Optional.empty();
    }
    boolean negated = regex.startsWith("{^", at);
    String name = regex.substring(at + (negated ? 2 : 1), close);
    boolean complement = negated == (regex.charAt(start + 1) == 'p');
    String whole = regex.substring(start, close + 1);
    String said =
        UnicodeProperty.members(name, complement)
            .orElseThrow(() ->
                new UnsupportedRegexException(
                    whole,
                    start,
                    "use a category such as \\p{Lu}, a script, a block such as \\p{In_Cyrillic},"
                        + " or the characters themselves in brackets"));
    String members = said;
    if (inside) {
      String key = UnicodeProperty.key(name);
      keepCase(ignoresCase, key, whole, start);
      if (key.equals("word")) {
        members = complement ? "[^" + WORD_IN_BRACKETS + "]" : WORD_IN_BRACKETS;
      }
    }
    boolean keeps = !inside && ignoresCase;
    return Optional.of(new Escape(keeps ? "(?-i:" + members + ")" : members, close + 1));
  }

  /// Refuses what brackets would hold in another case than is asked for.
  static void keepCase(boolean ignoresCase, String key, String whole, int start)
      throws UnsupportedRegexException {
    if (ignoresCase && UnicodeProperty.hasCase(key)) {
      throw new UnsupportedRegexException(
          whole + " in brackets under (?i)", start, "set it apart from what (?i) holds for");
    }
  }
}
