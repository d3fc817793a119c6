package dev.quintet.tokenizers.regex;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Turns a regular expression of a `tokenizer.json`, which Oniguruma reads, into one that means the
/// same to the JDK with `UNICODE_CHARACTER_CLASS`.
///
/// What differs: after an interval a plus means "once or more" (files that copied cl100k's pattern
/// have it), where the JDK takes it as possessive, and `{2}?` is "twice or not at all"; `^` and `$`
/// are about lines; only a line feed ends a line, and `(?m)` lets the dot match it; an option in the
/// middle takes in the alternatives after it; `\h` is a hexadecimal digit; `\w` lacks two joiners and
/// outside brackets has superscript digits and fractions; properties and the dotless i keep their
/// case under `(?i)`; bracket names such as `[:alpha:]`; what has no meaning after a backslash stands
/// for itself. Compared over all code points with version 0.23.2 of Hugging Face's library, but for
/// these: under `(?i)` ligatures stand for their letters where those are in ASCII, and not in
/// brackets; `\X` joins the vowel signs U+11720 and U+11721.
public final class OnigurumaRegex {

  private static final Pattern INTERVAL = Pattern.compile("\\{([0-9]*)(,?)([0-9]*)\\}");
  private static final Pattern OPTIONS = Pattern.compile("\\(\\?([imx]*)(?:-([imx]*))?([:)])");
  private static final Pattern NAMED = Pattern.compile("\\(\\?(?:<([^=!>][^>]*)>|'([^']+)')");
  private static final Pattern NAME = Pattern.compile("<([^>]+)>|'([^']+)'");
  private static final Pattern LEADING_SPACE =
      Pattern.compile("\\\\s\\+[^+?*{].*|\\\\s\\*\\[\\\\r\\\\n]\\+?", Pattern.DOTALL);

  private static final int NONE = -1;

  /// Makes the JDK look behind by characters rather than UTF-16 units, as it does only where a
  /// supplementary character itself, not an escape of one, stands somewhere after the look-behind.
  private static final String BY_CHARACTERS = "\uD800\uDC00{0}";

  private static final String[] LIGATURES = {
    "ffi",
    "\uFB03",
    "ffl",
    "\uFB04",
    "ss",
    "\u00DF\u1E9E",
    "st",
    "\uFB05\uFB06",
    "ff",
    "\uFB00",
    "fi",
    "\uFB01",
    "fl",
    "\uFB02"
  };

  /// The letter i with and without a dot, in both cases.
  private static final String DOTS = "iI\u0130\u0131";

  /// What holds inside a group: its options, where it begins in what is written, and how many groups
  /// besides itself end with it.
  private record Group(
      boolean ignoresCase, boolean dotIsAll, boolean extended, int start, int ends) {}

  private final String regex;
  private final StringBuilder out = new StringBuilder();
  private final Deque<Group> groups = new ArrayDeque<>();
  private final Map<String, String> names = new HashMap<>();
  private Group group = new Group(false, false, false, 0, 0);
  private int at;
  private boolean lines;
  private boolean dots;

  /// Where what a repetition would apply to begins in [#out], and whether it is repeated already.
  private int atom = NONE;

  private boolean repeated;

  private OnigurumaRegex(String regex) {
    this.regex = regex;
  }

  /// The JDK's form.
  public static String toJdk(String regex) throws UnsupportedRegexException {
    OnigurumaRegex it = new OnigurumaRegex(regex);
    while (it.at < regex.length()) {
      it.next();
    }
    it.out.repeat(')', it.group.ends);
    // Patterns that need no flags stay as they are, so that the well-known ones are recognised.
    String flags = it.lines ? "(?dm)" : it.dots ? "(?d)" : "";
    String jdk = flags + leading(it.out.toString());
    boolean looksBehind = jdk.contains("(?<=") || jdk.contains("(?<!");
    return looksBehind ? jdk + BY_CHARACTERS : jdk;
  }

  /// White space that begins all there is and that leads to no match from its start leads to none from
  /// its middle: without this the time on long white space grows with its square.
  private static String leading(String jdk) {
    boolean all = jdk.indexOf('|') < 0 && LEADING_SPACE.matcher(jdk).matches();
    return all ? "(?:\\G|(?<!\\s))" + jdk : jdk;
  }

  private void next() throws UnsupportedRegexException {
    char c = regex.charAt(at);
    if (group.extended && Character.isWhitespace(c)) {
      at++;
      return;
    }
    if (group.extended && c == '#') {
      int end = regex.indexOf('\n', at);
      at = end < 0 ? regex.length() : end;
      return;
    }
    switch (c) {
      case '{', '*', '+', '?' -> repetition(c);
      case '(' -> open();
      case ')' -> close();
      case '|' -> {
        at++;
        out.append(c);
        atom = NONE;
      }
      case '[' -> {
        begin();
        var brackets = new BracketExpression(regex, at, group.ignoresCase);
        out.append(brackets.jdk());
        at = brackets.end();
      }
      default -> {
        begin();
        if (c == '\\' && at + 1 < regex.length()) {
          escape();
          return;
        }
        lines |= c == '^' || c == '$';
        dots |= c == '.';
        literal();
      }
    }
  }

  private void begin() {
    atom = out.length();
    repeated = false;
  }

  /// A character that stands for itself; without regard to case the JDK takes the letter i for
  /// those of Turkish.
  private void literal() {
    int c = regex.codePointAt(at);
    if (group.ignoresCase && ligature(c)) {
      return;
    }
    at += Character.charCount(c);
    if (!group.ignoresCase || DOTS.indexOf(c) < 0) {
      out.appendCodePoint(c);
    } else {
      out.append("(?-i:").append(c == 'i' || c == 'I' ? "[iI]" : Character.toString(c)).append(')');
    }
  }

  /// Letters that without regard to case are one character too, and the other way round.
  private boolean ligature(int c) {
    if (c == 0xDF || c == 0x1E9E) {
      at++;
      out.append("(?:[\u00DF\u1E9E]|ss)");
      return true;
    }
    for (int i = 0; i < LIGATURES.length; i += 2) {
      String letters = LIGATURES[i];
      int end = at + letters.length();
      boolean repeats = end < regex.length() && "*+?{".indexOf(regex.charAt(end)) >= 0;
      if (!repeats && regex.regionMatches(true, at, letters, 0, letters.length())) {
        at = end;
        String plain = letters.replace("i", "(?-i:[iI])");
        out.append("(?:" + plain + "|[" + LIGATURES[i + 1] + "])");
        return true;
      }
    }
    return false;
  }

  private void open() throws UnsupportedRegexException {
    int start = out.length();
    if (regex.startsWith("(?#", at)) {
      int end = regex.indexOf(')', at);
      if (end < 0) {
        throw new UnsupportedRegexException("(?#", at, "close it with )");
      }
      at = end + 1;
      return;
    }
    Matcher options = OPTIONS.matcher(regex).region(at, regex.length());
    Matcher named = NAMED.matcher(regex).region(at, regex.length());
    boolean ignoresCase = group.ignoresCase;
    boolean dotIsAll = group.dotIsAll;
    boolean extended = group.extended;
    boolean toEnd = false;
    if (options.lookingAt()) {
      String on = options.group(1);
      String off = options.group(2) == null ? "" : options.group(2);
      ignoresCase = on(ignoresCase, 'i', on, off);
      dotIsAll = on(dotIsAll, 'm', on, off);
      extended = on(extended, 'x', on, off);
      toEnd = options.group(3).equals(")");
      String flags = flags(on) + (flags(off).isEmpty() ? "" : "-" + flags(off));
      out.append("(?").append(flags).append(':');
      at = options.end();
    } else if (named.lookingAt()) {
      String name = named.group(1) == null ? named.group(2) : named.group(1);
      names.putIfAbsent(name, "n" + names.size());
      out.append("(?<").append(names.get(name)).append('>');
      at = named.end();
    } else {
      if (regex.startsWith("(?", at) && !regex.startsWith("(?<", at)) {
        if (at + 2 == regex.length() || ":=!>".indexOf(regex.charAt(at + 2)) < 0) {
          int end = Math.min(regex.length(), at + 3);
          throw new UnsupportedRegexException(
              regex.substring(at, end),
              at,
              "there are groups (?: (?= (?! (?> (?<= (?<! and (?<name> and the options i, m and x");
        }
      }
      out.append('(');
      at++;
      if (regex.startsWith("?", at)) {
        int end = at + (regex.startsWith("?<", at) ? 3 : 2);
        out.append(regex, at, Math.min(end, regex.length()));
        at = Math.min(end, regex.length());
      }
    }
    if (toEnd) {
      group = new Group(ignoresCase, dotIsAll, extended, group.start, group.ends + 1);
    } else {
      groups.push(group);
      group = new Group(ignoresCase, dotIsAll, extended, start, 0);
    }
    atom = NONE;
  }

  private static boolean on(boolean now, char option, String on, String off) {
    return off.indexOf(option) < 0 && (now || on.indexOf(option) >= 0);
  }

  /// The JDK's letters for options; the spaces and comments of `x` are not handed on.
  private static String flags(String options) {
    return (options.contains("i") ? "i" : "") + (options.contains("m") ? "s" : "");
  }

  private void close() throws UnsupportedRegexException {
    if (groups.isEmpty()) {
      throw new UnsupportedRegexException(")", at, "there is no ( for it; \\) stands for itself");
    }
    out.repeat(')', 1 + group.ends);
    at++;
    atom = group.start;
    repeated = false;
    group = groups.pop();
  }

  private void repetition(char c) throws UnsupportedRegexException {
    Matcher interval = INTERVAL.matcher(regex).region(at, regex.length());
    boolean isInterval = c == '{' && interval.lookingAt();
    if (c == '{' && (!isInterval || interval.group(1).isEmpty() && interval.group(3).isEmpty())) {
      begin();
      out.append("\\{");
      at++;
      return;
    }
    if (atom == NONE) {
      throw new UnsupportedRegexException("" + c, at, "there is nothing to repeat before it");
    }
    if (repeated) {
      out.insert(atom, "(?:").append(')');
    }
    repeated = true;
    if (!isInterval) {
      out.append(c);
      at++;
      if (at < regex.length() && "?+".indexOf(regex.charAt(at)) >= 0) {
        out.append(regex.charAt(at++));
      }
      return;
    }
    String least = interval.group(1).isEmpty() ? "0" : interval.group(1);
    boolean open = !interval.group(2).isEmpty();
    at = interval.end();
    if (open && regex.startsWith("+", at) && (least.equals("0") || least.equals("1"))) {
      out.append(least.equals("0") ? '*' : '+');
      at++;
      return;
    }
    out.append('{').append(least).append(interval.group(2)).append(interval.group(3)).append('}');
    if (open && regex.startsWith("?", at)) {
      out.append('?');
      at++;
    }
  }

  private void escape() throws UnsupportedRegexException {
    if (regex.charAt(at + 1) == 'k') {
      reference();
      return;
    }
    var escape = Escape.outside(regex, at, group.ignoresCase);
    if (escape.isPresent()) {
      out.append(escape.get().jdk());
      at = escape.get().end();
    } else {
      at++;
      literal();
    }
  }

  /// A group's name.
  private void reference() throws UnsupportedRegexException {
    Matcher name = NAME.matcher(regex).region(at + 2, regex.length());
    String key = !name.lookingAt() ? "" : name.group(1) == null ? name.group(2) : name.group(1);
    String known = names.get(key);
    if (known == null) {
      throw new UnsupportedRegexException("\\k", at, "name a group that stands before it");
    }
    out.append("\\k<").append(known).append('>');
    at = name.end();
  }
}
