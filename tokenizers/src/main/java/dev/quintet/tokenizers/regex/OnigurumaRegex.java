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
  private static final Pattern BRACKET_NAME = Pattern.compile("\\[:(\\^?)([a-z]+):\\]");
  private static final Pattern OPTIONS = Pattern.compile("\\(\\?([imx]*)(?:-([imx]*))?([:)])");
  private static final Pattern NAMED = Pattern.compile("\\(\\?(?:<([^=!>][^>]*)>|'([^']+)')");
  private static final Pattern NAME = Pattern.compile("<([^>]+)>|'([^']+)'");
  private static final Pattern DIGITS = Pattern.compile("[0-9]+");
  private static final Pattern OCTAL = Pattern.compile("[0-7]{1,3}");
  private static final Pattern CAPTURE = Pattern.compile("\\\\.|\\((?!\\?)");

  private static final Pattern LEADING_SPACE =
      Pattern.compile("\\\\s\\+[^+?*{].*|\\\\s\\*\\[\\\\r\\\\n]\\+?", Pattern.DOTALL);

  private static final int NONE = -1;

  private static final String WORD = "[\\w\\xB2\\xB3\\xB9\\xBC-\\xBE&&[^\\u200C\\u200D]]";

  private static final String WORD_IN_BRACKETS = "[\\w&&[^\\u200C\\u200D]]";

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

  /// A grapheme; the JDK cuts between U+FFFE and what joins it.
  private static final String GRAPHEME =
      "(?:\\x{FFFE}(?:(?=[\\p{M}\\u200C\\u200D\\uFF9E\\uFF9F\\x{1F3FB}-\\x{1F3FF}\\x{E0020}-\\x{E007F}])\\X)?|\\X)";

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

  /// Says which part of a regular expression the JDK cannot say, where it stands, and what to use
  /// instead.
  public static final class UnsupportedException extends Exception {
    private static final long serialVersionUID = 1;

    private final String reason;

    UnsupportedException(String part, int offset, String instead) {
      this.reason =
          "%s at character %d of the regular expression is not supported; %s"
              .formatted(part, offset, instead);
    }

    @Override
    public String getMessage() {
      return reason;
    }
  }

  private final String regex;
  private final StringBuilder out = new StringBuilder();
  private final Deque<Group> groups = new ArrayDeque<>();
  private final Map<String, String> names = new HashMap<>();
  private Group group = new Group(false, false, false, 0, 0);
  private int at;
  private int depth;
  private boolean lines;
  private boolean dots;

  /// Where what a repetition would apply to begins in [#out], and whether it is repeated already.
  private int atom = NONE;

  private boolean repeated;

  private OnigurumaRegex(String regex) {
    this.regex = regex;
  }

  /// The JDK's form.
  public static String toJdk(String regex) throws UnsupportedException {
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

  private void next() throws UnsupportedException {
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
        brackets();
      }
      default -> {
        begin();
        if (c == '\\' && at + 1 < regex.length()) {
          escape(regex.charAt(at + 1));
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
    if (group.ignoresCase && depth == 0 && ligature(c)) {
      return;
    }
    at += Character.charCount(c);
    if (!group.ignoresCase || depth > 0 || DOTS.indexOf(c) < 0) {
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

  private void brackets() throws UnsupportedException {
    int start = out.length();
    do {
      member();
    } while (depth > 0 && at < regex.length());
    if (depth == 0 && group.ignoresCase) {
      ignoreCase(out.substring(start), start);
    }
  }

  /// Takes the letters of Turkish out of brackets, or puts them in, where the JDK does not do as they
  /// say.
  private void ignoreCase(String brackets, int start) {
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
      out.insert(start, "(?:(?!(?-i:[" + fewer + "]))").append(')');
    }
    if (!more.isEmpty()) {
      out.insert(start, "(?:(?-i:[" + more + "])|").append(')');
    }
  }

  /// A part of brackets.
  private void member() throws UnsupportedException {
    char c = regex.charAt(at);
    Matcher name = BRACKET_NAME.matcher(regex).region(at, regex.length());
    if (c == '\\' && at + 1 < regex.length()) {
      escape(regex.charAt(at + 1));
    } else if (c == '[' && depth > 0 && name.lookingAt()) {
      String members = BRACKETS.get(name.group(2));
      if (members == null) {
        throw new UnsupportedException(name.group(), at, "known are " + BRACKETS.keySet());
      }
      keepCase(name.group(2), name.group(), at);
      boolean word = name.group(2).equals("word");
      out.append('[').append(name.group(1)).append(word ? WORD_IN_BRACKETS : members).append(']');
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
      throw new UnsupportedException("&&", at, "something must follow it");
    } else {
      depth -= c == ']' ? 1 : 0;
      out.append(c);
      at++;
    }
  }

  private void open() throws UnsupportedException {
    int start = out.length();
    if (regex.startsWith("(?#", at)) {
      int end = regex.indexOf(')', at);
      if (end < 0) {
        throw new UnsupportedException("(?#", at, "close it with )");
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
          throw new UnsupportedException(
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

  private void close() throws UnsupportedException {
    if (groups.isEmpty()) {
      throw new UnsupportedException(")", at, "there is no ( for it; \\) stands for itself");
    }
    out.repeat(')', 1 + group.ends);
    at++;
    atom = group.start;
    repeated = false;
    group = groups.pop();
  }

  private void repetition(char c) throws UnsupportedException {
    Matcher interval = INTERVAL.matcher(regex).region(at, regex.length());
    boolean isInterval = c == '{' && interval.lookingAt();
    if (c == '{' && (!isInterval || interval.group(1).isEmpty() && interval.group(3).isEmpty())) {
      begin();
      out.append("\\{");
      at++;
      return;
    }
    if (atom == NONE) {
      throw new UnsupportedException("" + c, at, "there is nothing to repeat before it");
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

  private void escape(char c) throws UnsupportedException {
    int start = at;
    at += 2;
    boolean inside = depth > 0;
    switch (c) {
      case 'w' -> out.append(inside ? WORD_IN_BRACKETS : WORD);
      case 'W' -> out.append(inside ? "[^" + WORD_IN_BRACKETS + "]" : NO_WORD);
      case 'h' -> out.append("[0-9a-fA-F]");
      case 'H' -> out.append("[^0-9a-fA-F]");
      case 'v' -> out.append("\\x0B");
      case 'p', 'P' -> property(c, start);
      case 'd', 'D', 's', 'S', 'a', 'e', 'f', 't', 'n', 'r', 'u', 'c' -> out.append('\\').append(c);
      case 'x' -> {
        int close = regex.startsWith("{", at) ? regex.indexOf('}', at) : NONE;
        int end = close == NONE ? at : close + 1;
        out.append("\\x").append(regex, at, end);
        at = end;
      }
      case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> digits(start);
      case 'C', 'M', 'o' -> throw new UnsupportedException("\\" + c, start, "use \\x{...}");
      default -> {
        if (!inside) {
          place(c, start);
        } else if (c == 'b') {
          out.append("\\x08");
        } else {
          itself(start);
        }
      }
    }
  }

  /// What has a meaning outside brackets only.
  private void place(char c, int start) throws UnsupportedException {
    switch (c) {
      case 'b' -> out.append("(?:" + edge("=", "!") + "|" + edge("!", "=") + ")");
      case 'B' -> out.append("(?:" + edge("=", "=") + "|" + edge("!", "!") + ")");
      case 'A', 'z', 'R' -> out.append('\\').append(c);
      case 'Z' -> out.append("(?=\\n?\\z)");
      case 'N' -> out.append("[^\\n]");
      case 'O' -> out.append("(?s:.)");
      case 'X' -> out.append(GRAPHEME);
      case 'k' -> {
        Matcher name = NAME.matcher(regex).region(at, regex.length());
        String key = !name.lookingAt() ? "" : name.group(1) == null ? name.group(2) : name.group(1);
        String known = names.get(key);
        if (known == null) {
          throw new UnsupportedException("\\k", start, "name a group that stands before it");
        }
        out.append("\\k<").append(known).append('>');
        at = name.end();
      }
      case 'K' -> throw new UnsupportedException("\\K", start, "use a look-behind, (?<=...)");
      case 'G', 'g', 'y', 'Y' ->
          throw new UnsupportedException(
              "\\" + c, start, "leave it out or spell out what it means");
      default -> itself(start);
    }
  }

  /// The JDK's own notion of a word is another one still.
  private static String edge(String before, String after) {
    return "(?<" + before + WORD + ")(?" + after + WORD + ")";
  }

  private void itself(int start) {
    at = start + 1;
    int c = regex.codePointAt(at);
    if (c < 0x80 && !Character.isLetter(c)) {
      out.append('\\').appendCodePoint(c);
      at++;
    } else {
      literal();
    }
  }

  /// A group's number, or a character's in octal digits.
  private void digits(int start) throws UnsupportedException {
    Matcher digits = DIGITS.matcher(regex).region(start + 1, regex.length());
    Matcher octal = OCTAL.matcher(regex).region(start + 1, regex.length());
    boolean any = digits.lookingAt() && depth == 0 && regex.charAt(start + 1) != '0';
    if (any && digits.group().length() < 4) {
      int number = Integer.parseInt(digits.group());
      if (number <= CAPTURE.matcher(regex).results().filter(m -> m.group().equals("(")).count()) {
        out.append("(?:\\").append(number).append(')');
        at = digits.end();
        return;
      }
    }
    boolean single = any && digits.group().length() == 1;
    if (single || !octal.lookingAt()) {
      throw new UnsupportedException(
          "\\" + regex.charAt(start + 1), start, "there is no group of that number");
    }
    out.append("\\x{").append(Integer.toHexString(Integer.parseInt(octal.group(), 8))).append('}');
    at = octal.end();
  }

  private void property(char c, int start) throws UnsupportedException {
    int close = regex.indexOf('}', at);
    if (!regex.startsWith("{", at) || close < 0) {
      itself(start);
      return;
    }
    boolean negated = regex.startsWith("{^", at);
    String name = regex.substring(at + (negated ? 2 : 1), close);
    at = close + 1;
    boolean complement = negated == (c == 'p');
    String whole = regex.substring(start, at);
    String said =
        UnicodeProperty.members(name, complement)
            .orElseThrow(() ->
                new UnsupportedException(
                    whole,
                    start,
                    "use a category such as \\p{Lu}, a script, a block such as \\p{In_Cyrillic},"
                        + " or the characters themselves in brackets"));
    if (depth > 0) {
      keepCase(UnicodeProperty.key(name), whole, start);
    }
    boolean word = depth > 0 && UnicodeProperty.key(name).equals("word");
    String inBrackets = complement ? "[^" + WORD_IN_BRACKETS + "]" : WORD_IN_BRACKETS;
    String members = word ? inBrackets : said;
    boolean keeps = depth == 0 && group.ignoresCase;
    out.append(keeps ? "(?-i:" + members + ")" : members);
  }

  /// Refuses what brackets would hold in another case than is asked for.
  private void keepCase(String key, String whole, int start) throws UnsupportedException {
    if (group.ignoresCase && UnicodeProperty.hasCase(key)) {
      throw new UnsupportedException(
          whole + " in brackets under (?i)", start, "set it apart from what (?i) holds for");
    }
  }
}
