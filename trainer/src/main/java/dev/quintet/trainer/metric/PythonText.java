package dev.quintet.trainer.metric;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// What Python means by white space, words, order and rounding, where Java means something else.
///
/// The scores that papers print come from Python programs, and these differences decide digits.
public final class PythonText {

  /// What `\w` matches, for a Java pattern: letters, numbers and `_`, but no combining mark.
  public static final String WORD = "[\\p{L}\\p{N}_]";

  /// Python's `string.punctuation`: the 32 signs of ASCII.
  public static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

  /// The order of Python's strings: by code point, where Java's is by UTF-16 unit.
  public static final Comparator<String> ORDER = PythonText::compare;

  // What Unicode calls case-ignorable beside marks, formats and modifiers: signs within words.
  private static final String WITHIN_WORDS =
      "'.:\u00B7\u0387\u055F\u05F4\u2018\u2019\u2024\u2027\uFE13\uFE52\uFE55\uFF07\uFF0E\uFF1A";

  private PythonText() {}

  /// Whether `str.isspace()` holds: what `split()` and `strip()` take for white space.
  public static boolean isSpace(int codePoint) {
    if (codePoint < 0x80) {
      return codePoint == ' '
          || codePoint >= 0x09 && codePoint <= 0x0D
          || codePoint >= 0x1C && codePoint <= 0x1F;
    }
    return codePoint >= 0x2000 && codePoint <= 0x200A
        || switch (codePoint) {
          case 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000 -> true;
          default -> false;
        };
  }

  /// Whether `\w` matches.
  public static boolean isWord(int codePoint) {
    if (codePoint == '_' || Character.isLetterOrDigit(codePoint)) {
      return true;
    }
    int type = Character.getType(codePoint);
    return type == Character.LETTER_NUMBER || type == Character.OTHER_NUMBER;
  }

  /// Whether it is one of [#PUNCTUATION].
  public static boolean isPunctuation(int codePoint) {
    return codePoint > ' '
        && codePoint < 0x7F
        && !(codePoint >= '0' && codePoint <= '9')
        && !(codePoint >= 'A' && codePoint <= 'Z')
        && !(codePoint >= 'a' && codePoint <= 'z');
  }

  /// The words between white space, as `split()` gives them; none of a blank text.
  public static List<String> split(String text) {
    var words = new ArrayList<String>();
    int start = -1;
    for (int i = 0; i < text.length(); i++) {
      // All white space is of one UTF-16 unit.
      if (isSpace(text.charAt(i))) {
        if (start >= 0) {
          words.add(text.substring(start, i));
          start = -1;
        }
      } else if (start < 0) {
        start = i;
      }
    }
    if (start >= 0) {
      words.add(text.substring(start));
    }
    return words;
  }

  /// The text without white space at its ends, as `strip()` gives it.
  public static String strip(String text) {
    int start = 0;
    while (start < text.length() && isSpace(text.charAt(start))) {
      start++;
    }
    return stripEnd(text.substring(start));
  }

  /// The text without white space at its end, as `rstrip()` gives it.
  public static String stripEnd(String text) {
    int end = text.length();
    while (end > 0 && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end);
  }

  /// The text as `lower()` gives it.
  ///
  /// `String.toLowerCase` finds the end of a word, where a sigma has another form, by its own rules of words: a sigma after `a1` differs.
  public static String lower(String text) {
    int sigma = text.indexOf('\u03A3');
    if (sigma < 0) {
      return text.toLowerCase(Locale.ROOT);
    }
    var lower = new StringBuilder(text.length());
    int from = 0;
    for (; sigma >= 0; sigma = text.indexOf('\u03A3', from)) {
      lower.append(text.substring(from, sigma).toLowerCase(Locale.ROOT));
      lower.append(endsWord(text, sigma) ? '\u03C2' : '\u03C3');
      from = sigma + 1;
    }
    return lower.append(text.substring(from).toLowerCase(Locale.ROOT)).toString();
  }

  /// Unicode's Final_Sigma: a cased letter before it and none after it, but for what is case-ignorable.
  private static boolean endsWord(String text, int sigma) {
    int before = sigma;
    while (before > 0 && isCaseIgnorable(text.codePointBefore(before))) {
      before -= Character.charCount(text.codePointBefore(before));
    }
    int after = sigma + 1;
    while (after < text.length() && isCaseIgnorable(text.codePointAt(after))) {
      after += Character.charCount(text.codePointAt(after));
    }
    return before > 0
        && isCased(text.codePointBefore(before))
        && !(after < text.length() && isCased(text.codePointAt(after)));
  }

  private static boolean isCased(int codePoint) {
    return Character.isLowerCase(codePoint)
        || Character.isUpperCase(codePoint)
        || Character.isTitleCase(codePoint);
  }

  private static boolean isCaseIgnorable(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.NON_SPACING_MARK,
          Character.ENCLOSING_MARK,
          Character.FORMAT,
          Character.MODIFIER_LETTER,
          Character.MODIFIER_SYMBOL ->
          true;
      default -> WITHIN_WORDS.indexOf(codePoint) >= 0;
    };
  }

  /// The number as `f"{value:.1f}"` prints it, here for 1 decimal: its exact binary value, a half to the even digit.
  public static String fixed(double value, int decimals) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    String digits =
        new BigDecimal(Math.abs(value)).setScale(decimals, RoundingMode.HALF_EVEN).toPlainString();
    // A minus stays before zero.
    return Math.copySign(1, value) < 0 ? "-" + digits : digits;
  }

  private static int compare(String one, String other) {
    int shared = Math.min(one.length(), other.length());
    for (int i = 0; i < shared; i++) {
      char left = one.charAt(i);
      char right = other.charAt(i);
      if (left != right) {
        // A pair of surrogates stands for a code point above all others.
        boolean pair = Character.isSurrogate(left) != Character.isSurrogate(right);
        return pair ? (Character.isSurrogate(left) ? 1 : -1) : Character.compare(left, right);
      }
    }
    return Integer.compare(one.length(), other.length());
  }
}
