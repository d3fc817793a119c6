package dev.quintet.trainer.metric.translation;

import dev.quintet.trainer.metric.PythonText;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/// How BLEU cuts texts into words.
public enum BleuTokenizer {
  /// That of mteval-v13a, which WMT uses: for Western languages.
  MTEVAL_13A("13a"),
  /// That of mteval-v14 with `--international-tokenization`: by Unicode's punctuation and symbols.
  INTERNATIONAL("intl"),
  /// Each character by itself.
  CHARACTER("char"),
  /// None: words are parted by white space already.
  NONE("none");

  private final String label;

  BleuTokenizer(String label) {
    this.label = label;
  }

  /// The tokenizer of a name in signatures.
  ///
  /// @throws IllegalArgumentException if there is none
  public static BleuTokenizer named(String label) {
    return Arrays.stream(values())
        .filter(tokenizer -> tokenizer.label.equals(label.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "there is no tokenizer \""
                    + label
                    + "\" for BLEU; there are "
                    + Arrays.stream(values()).map(t -> t.label).collect(Collectors.joining(", "))));
  }

  /// The name in signatures.
  public String label() {
    return label;
  }

  /// A line with its words parted by white space.
  ///
  /// @param line without white space at its end
  public String tokenize(String line) {
    return switch (this) {
      case MTEVAL_13A -> mteval(line);
      case INTERNATIONAL -> international(line);
      case CHARACTER ->
          line.codePoints().mapToObj(Character::toString).collect(Collectors.joining(" "));
      case NONE -> line;
    };
  }

  private static String mteval(String line) {
    String text = line.replace("<skipped>", "").replace("-\n", "").replace("\n", " ");
    if (text.indexOf('&') >= 0) {
      text =
          text.replace("&quot;", "\"")
              .replace("&amp;", "&")
              .replace("&lt;", "<")
              .replace("&gt;", ">");
    }
    return joined(pointsSpaced(signsSpaced(' ' + text + ' ')));
  }

  /// Space around each sign of ASCII but `' , - .`.
  private static StringBuilder signsSpaced(String text) {
    var spaced = new StringBuilder(text.length() + 32);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean sign = PythonText.isPunctuation(c) && c != '\'' && (c < ',' || c > '.');
      if (sign) {
        spaced.append(' ').append(c).append(' ');
      } else {
        spaced.append(c);
      }
    }
    return spaced;
  }

  /// Full stops and commas parted from what is no digit, and hyphens from digits before them; one pass for each of three
  /// patterns, each of which goes on after what it has matched.
  private static StringBuilder pointsSpaced(StringBuilder text) {
    var after = new StringBuilder(text.length() + 32);
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i++);
      after.append(c);
      if (!isDigit(c) && i < text.length() && isPoint(text.charAt(i))) {
        after.append(' ').append(text.charAt(i++)).append(' ');
      }
    }
    var before = new StringBuilder(after.length() + 32);
    i = 0;
    while (i < after.length()) {
      char c = after.charAt(i++);
      if (isPoint(c) && i < after.length() && !isDigit(after.charAt(i))) {
        before.append(' ').append(c).append(' ').append(after.charAt(i++));
      } else {
        before.append(c);
      }
    }
    var hyphens = new StringBuilder(before.length() + 8);
    for (i = 0; i < before.length(); i++) {
      char c = before.charAt(i);
      hyphens.append(c);
      if (isDigit(c) && i + 1 < before.length() && before.charAt(i + 1) == '-') {
        hyphens.append(" - ");
        i++;
      }
    }
    return hyphens;
  }

  private static String international(String line) {
    int[] text = line.codePoints().toArray();
    var after = new StringBuilder(line.length() + 32);
    int i = 0;
    while (i < text.length) {
      int c = text[i++];
      after.appendCodePoint(c);
      if (!isNumber(c) && i < text.length && isPunctuation(text[i])) {
        after.append(' ').appendCodePoint(text[i++]).append(' ');
      }
    }
    text = after.codePoints().toArray();
    var before = new StringBuilder(text.length + 32);
    i = 0;
    while (i < text.length) {
      int c = text[i++];
      if (isPunctuation(c) && i < text.length && !isNumber(text[i])) {
        before.append(' ').appendCodePoint(c).append(' ').appendCodePoint(text[i++]);
      } else {
        before.appendCodePoint(c);
      }
    }
    var symbols = new StringBuilder(before.length() + 32);
    before
        .codePoints()
        .forEach(c -> {
          if (isSymbol(c)) {
            symbols.append(' ').appendCodePoint(c).append(' ');
          } else {
            symbols.appendCodePoint(c);
          }
        });
    return joined(symbols);
  }

  /// One space between words and none at the ends.
  private static String joined(StringBuilder text) {
    return String.join(" ", PythonText.split(text.toString()));
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isPoint(char c) {
    return c == '.' || c == ',';
  }

  private static boolean isNumber(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> true;
      default -> false;
    };
  }

  private static boolean isPunctuation(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONNECTOR_PUNCTUATION,
          Character.DASH_PUNCTUATION,
          Character.START_PUNCTUATION,
          Character.END_PUNCTUATION,
          Character.INITIAL_QUOTE_PUNCTUATION,
          Character.FINAL_QUOTE_PUNCTUATION,
          Character.OTHER_PUNCTUATION ->
          true;
      default -> false;
    };
  }

  private static boolean isSymbol(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.MATH_SYMBOL,
          Character.CURRENCY_SYMBOL,
          Character.MODIFIER_SYMBOL,
          Character.OTHER_SYMBOL ->
          true;
      default -> false;
    };
  }
}
