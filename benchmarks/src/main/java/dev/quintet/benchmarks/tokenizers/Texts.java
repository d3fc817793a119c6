package dev.quintet.benchmarks.tokenizers;

import java.util.Arrays;
import java.util.List;

/// A corpus in memory, with each text's size, and both sides' ids compared.
final class Texts {
  final String[] texts;
  final double[] megabytes;

  Texts(List<String> texts) {
    this.texts = texts.toArray(String[]::new);
    this.megabytes = texts.stream().mapToDouble(text -> 1e-6 * Corpus.bytes(text)).toArray();
  }

  int size() {
    return texts.length;
  }

  double sum() {
    return Arrays.stream(megabytes).sum();
  }

  /// Says on how many texts both sides give different ids; a comparison of unequal work would be none.
  ///
  /// @throws IllegalStateException if they differ on more than one text in twenty
  String compared(Subject.Pair pair) {
    int differ = 0;
    String first = "";
    for (String text : texts) {
      int[] ours = pair.ours().encode(text);
      int[] theirs = pair.theirs().ids(pair.theirs().encode(text));
      if (!Arrays.equals(ours, theirs)) {
        if (differ++ == 0) {
          int at = Arrays.mismatch(ours, theirs);
          first = "; the first at token %d of %d and %d".formatted(at, ours.length, theirs.length);
        }
      }
    }
    String said = "ids differ on %d of %d texts%s".formatted(differ, texts.length, first);
    if (differ * 20 > texts.length) {
      throw new IllegalStateException(said);
    }
    return said;
  }
}
