package dev.quintet.tokenizers.format;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Turns a regular expression of a `tokenizer.json`, which Oniguruma reads (Ruby syntax), into one
/// that means the same to the JDK with `UNICODE_CHARACTER_CLASS`.
///
/// Only one difference is known to occur in tokenizer files: after an interval a plus means "once
/// or more", where the JDK takes it as possessive. (`x{1,3}+` takes seven `x` at once; seen in
/// files that copied cl100k's pattern from tiktoken.)
final class OnigurumaRegex {

  private static final Pattern INTERVAL_PLUS = Pattern.compile("\\{([0-9]*)(,?)([0-9]*)\\}\\+");

  private OnigurumaRegex() {}

  /// The JDK's form, or nothing when there is none.
  static Optional<String> toJdk(String regex) {
    StringBuilder out = new StringBuilder();
    Matcher interval = INTERVAL_PLUS.matcher(regex);
    int depth = 0;
    for (int i = 0; i < regex.length(); i++) {
      char c = regex.charAt(i);
      if (c == '\\' && i + 1 < regex.length()) {
        out.append(c).append(regex.charAt(++i));
        // \p{...} and its like have braces of their own.
        if (i + 1 < regex.length() && regex.charAt(i + 1) == '{') {
          int close = regex.indexOf('}', i);
          int stop = close < 0 ? regex.length() : close + 1;
          out.append(regex, i + 1, stop);
          i = stop - 1;
        }
        continue;
      }
      if (c == '[') {
        depth++;
      } else if (c == ']' && depth > 0) {
        depth--;
      } else if (c == '{' && depth == 0 && interval.region(i, regex.length()).lookingAt()) {
        String least = interval.group(1);
        if (!least.equals("0") && !least.equals("1") || interval.group(2).isEmpty()) {
          return Optional.empty();
        }
        out.append(least.equals("0") ? '*' : '+');
        i = interval.end() - 1;
        continue;
      }
      out.append(c);
    }
    return Optional.of(out.toString());
  }
}
