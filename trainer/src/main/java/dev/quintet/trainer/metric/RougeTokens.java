package dev.quintet.trainer.metric;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/// Texts as ROUGE sees them: runs of `a` to `z` and digits, as numbers that are equal where the words are.
final class RougeTokens {
  private static final int SHORT = 3;
  private static final int MOST_KNOWN = 1_000_000;

  private final boolean stemmed;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final Map<String, Integer> stems = new HashMap<>();

  /// @param stemmed whether words of more than three letters lose their endings
  RougeTokens(boolean stemmed) {
    this.stemmed = stemmed;
  }

  /// Forgets words where they have become many; numbers from before mean nothing then.
  void startRow() {
    if (numbers.size() > MOST_KNOWN) {
      numbers.clear();
      stems.clear();
    }
  }

  int[] of(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    int[] tokens = new int[lower.length() / 5 + 4];
    int size = 0;
    int i = 0;
    while (i < lower.length()) {
      int start = i;
      while (i < lower.length() && isToken(lower.charAt(i))) {
        i++;
      }
      if (i > start) {
        if (size == tokens.length) {
          tokens = Arrays.copyOf(tokens, 2 * size);
        }
        tokens[size++] = number(lower.substring(start, i));
      }
      i++;
    }
    return Arrays.copyOf(tokens, size);
  }

  private static boolean isToken(char sign) {
    return sign >= 'a' && sign <= 'z' || sign >= '0' && sign <= '9';
  }

  private int number(String word) {
    Integer known = numbers.get(word);
    if (known != null) {
      return known;
    }
    String stem = stemmed && word.length() > SHORT ? PorterStemmer.stem(word) : word;
    int number = stems.computeIfAbsent(stem, _ -> stems.size());
    numbers.put(word, number);
    return number;
  }
}
