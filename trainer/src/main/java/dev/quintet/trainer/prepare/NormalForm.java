package dev.quintet.trainer.prepare;

import dev.quintet.core.random.Site;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// What texts are compared by: their words without case, marks and spaces.
public final class NormalForm {
  private static final int SHINGLE = 5;
  private static final long FNV_PRIME = 0x100000001B3L;

  private NormalForm() {}

  /// The words of a text: NFKC, in lower case, runs of letters and digits.
  public static List<String> words(String text) {
    String folded = folded(text);
    var words = new ArrayList<String>();
    int start = -1;
    for (int i = 0; i < folded.length(); ) {
      int c = folded.codePointAt(i);
      boolean in = isOfWord(c);
      if (in && start < 0) {
        start = i;
      } else if (!in && start >= 0) {
        words.add(folded.substring(start, i));
        start = -1;
      }
      i += Character.charCount(c);
    }
    if (start >= 0) {
      words.add(folded.substring(start));
    }
    return words;
  }

  private static String folded(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
  }

  private static boolean isOfWord(int c) {
    return switch (Character.getType(c)) {
      case Character.UPPERCASE_LETTER,
          Character.LOWERCASE_LETTER,
          Character.TITLECASE_LETTER,
          Character.MODIFIER_LETTER,
          Character.OTHER_LETTER,
          Character.DECIMAL_DIGIT_NUMBER,
          Character.LETTER_NUMBER,
          Character.OTHER_NUMBER ->
          true;
      default -> false;
    };
  }

  /// The words of a text between single spaces; of a text without any, the text itself, so that `+` is not `-`.
  public static String of(String text) {
    List<String> words = words(text);
    return words.isEmpty() ? folded(text).strip() : String.join(" ", words);
  }

  /// Numbers of the runs of five words in a text, ascending and each once; of a text with fewer words, of it as a whole.
  static long[] shingles(String text) {
    List<String> words = words(text);
    if (words.isEmpty()) {
      return new long[] {Site.mix64(hash(folded(text).strip()))};
    }
    long[] hashes = words.stream().mapToLong(NormalForm::hash).toArray();
    int size = Math.min(SHINGLE, hashes.length);
    long[] shingles = new long[hashes.length - size + 1];
    for (int i = 0; i < shingles.length; i++) {
      long all = size;
      for (int k = 0; k < size; k++) {
        all = Site.mix64(all * FNV_PRIME ^ hashes[i + k]);
      }
      shingles[i] = all;
    }
    Arrays.sort(shingles);
    int distinct = 0;
    for (int i = 0; i < shingles.length; i++) {
      if (i == 0 || shingles[i] != shingles[i - 1]) {
        shingles[distinct++] = shingles[i];
      }
    }
    return Arrays.copyOf(shingles, distinct);
  }

  private static long hash(String word) {
    long hash = 0xCBF29CE484222325L;
    for (int i = 0; i < word.length(); i++) {
      hash = (hash ^ word.charAt(i)) * FNV_PRIME;
    }
    return Site.mix64(hash);
  }
}
