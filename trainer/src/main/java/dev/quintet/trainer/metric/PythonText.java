package dev.quintet.trainer.metric;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// What Python means by white space, words, order and rounding, where Java means something else.
///
/// The scores that papers print come from Python programs, and these differences decide digits. `String.toLowerCase` with
/// `Locale.ROOT` agrees with Python's `lower()` as it is.
public final class PythonText {

  /// What `\w` matches, for a Java pattern: letters, numbers and `_`, but no combining mark.
  public static final String WORD = "[\\p{L}\\p{N}_]";

  /// Python's `string.punctuation`: the 32 signs of ASCII.
  public static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

  /// The order of Python's strings: by code point, where Java's is by UTF-16 unit.
  public static final Comparator<String> ORDER = PythonText::compare;

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
