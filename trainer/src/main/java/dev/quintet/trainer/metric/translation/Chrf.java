package dev.quintet.trainer.metric.translation;

import dev.quintet.trainer.metric.Answered;
import dev.quintet.trainer.metric.Measured;
import dev.quintet.trainer.metric.PythonText;
import dev.quintet.trainer.metric.translation.Signature.Entry;
import java.util.ArrayList;
import java.util.List;

/// chrF, chrF+ and chrF++, from 0 to 100: the F of n-grams of characters, and of words where asked.
///
/// Source: Popović, "chrF: character n-gram F-score for automatic MT evaluation" (2015) and "chrF++: words helping character
/// n-grams" (2017), in the form of sacrebleu 2.6.0.
///
/// @param characters the longest n-grams of characters
/// @param words the longest n-grams of words: 0 for chrF, 1 for chrF+, 2 for chrF++
/// @param beta how much more recall weighs than precision
/// @param lowercase whether case is ignored
/// @param whitespace whether white space counts among the characters
/// @param epsilon whether all orders count, with a tiny number where there is nothing; else those that both texts have
public record Chrf(
    int characters, int words, int beta, boolean lowercase, boolean whitespace, boolean epsilon)
    implements TranslationMetric {

  /// chrF: 6 characters, twice the weight on recall.
  public static final Chrf DEFAULT = new Chrf(6, 0, 2, false, false, false);

  /// chrF++: with words and pairs of words.
  public static final Chrf PLUS_PLUS = DEFAULT.withWords(2);

  private static final double TINY = 1e-16;
  private static final int MOST = 64;

  /// Refuses orders that are none.
  ///
  /// @throws IllegalArgumentException if characters are not from 1, or words not from 0, to 64, or beta is negative
  public Chrf {
    if (characters < 1 || characters > MOST || words < 0 || words > MOST || beta < 0) {
      throw new IllegalArgumentException(
          "chrF counts n-grams of 1 to at most %d characters and 0 to %d words with a beta of at least 0, not of %d and %d with %d"
              .formatted(MOST, MOST, characters, words, beta));
    }
  }

  /// This one with other longest n-grams of characters.
  public Chrf withCharacters(int longest) {
    return new Chrf(longest, words, beta, lowercase, whitespace, epsilon);
  }

  /// This one with other longest n-grams of words.
  public Chrf withWords(int longest) {
    return new Chrf(characters, longest, beta, lowercase, whitespace, epsilon);
  }

  /// This one with another weight of recall.
  public Chrf withBeta(int weight) {
    return new Chrf(characters, words, weight, lowercase, whitespace, epsilon);
  }

  /// This one with case ignored or not.
  public Chrf withLowercase(boolean on) {
    return new Chrf(characters, words, beta, on, whitespace, epsilon);
  }

  /// This one with white space counted or not.
  public Chrf withWhitespace(boolean on) {
    return new Chrf(characters, words, beta, lowercase, on, epsilon);
  }

  /// This one with all orders counted or not.
  public Chrf withEpsilon(boolean on) {
    return new Chrf(characters, words, beta, lowercase, whitespace, on);
  }

  @Override
  public List<String> names() {
    return List.of("chrf" + "+".repeat(words));
  }

  @Override
  public String label() {
    return "chrF" + beta + "+".repeat(words);
  }

  @Override
  public int statistics() {
    return 3 * (characters + words);
  }

  @Override
  public Signature signature(List<Answered> rows) {
    return Signature.of(
        rows,
        Entry.of("case", "c", lowercase ? "lc" : "mixed"),
        Entry.of("eff", "e", !epsilon),
        Entry.of("nc", "nc", String.valueOf(characters)),
        Entry.of("nw", "nw", String.valueOf(words)),
        Entry.of("space", "s", whitespace));
  }

  /// Counts rows: n-grams of the answer, of the reference, and of both, for each order; of several references, those of the one
  /// that the answer is most like.
  @Override
  public Measured measure(List<Answered> rows) {
    var numbers = new Members();
    var characterNgrams = new NgramTrie(characters);
    var wordNgrams = new NgramTrie(Math.max(1, words));
    double[][] statistics = new double[rows.size()][];
    for (int i = 0; i < statistics.length; i++) {
      statistics[i] = statistics(rows.get(i), numbers, characterNgrams, wordNgrams);
    }
    return new Measured() {
      @Override
      public int width() {
        return Chrf.this.statistics();
      }

      @Override
      public double[][] statistics() {
        return statistics;
      }

      @Override
      public double[] scores(double[] sums, int count) {
        return new double[] {score(sums)};
      }
    };
  }

  private double[] statistics(
      Answered row, Members numbers, NgramTrie characterNgrams, NgramTrie wordNgrams) {
    String prediction = cased(row.prediction());
    int[] answer = characters(prediction);
    int[] answerWords = words(prediction, numbers);
    double[] best = new double[0];
    double bestScore = -1;
    for (String text : row.answers()) {
      String reference = cased(text);
      double[] counts = new double[statistics()];
      count(characterNgrams, answer, characters(reference), counts, 0, characters);
      count(wordNgrams, answerWords, words(reference, numbers), counts, characters, words);
      double score = score(counts);
      if (score > bestScore) {
        bestScore = score;
        best = counts;
      }
    }
    return best;
  }

  private static void count(
      NgramTrie ngrams, int[] answer, int[] reference, double[] counts, int first, int orders) {
    if (orders == 0) {
      return;
    }
    ngrams.clear();
    ngrams.reference(reference, reference.length);
    ngrams.answer(answer, answer.length, counts, 3 * first, 3 * first + 2, 3);
    for (int n = 0; n < orders; n++) {
      int ofReference = Math.max(0, reference.length - n);
      counts[3 * (first + n) + 1] = ofReference;
      if (ofReference == 0) {
        counts[3 * (first + n)] = 0;
      }
    }
  }

  private String cased(String text) {
    return lowercase ? PythonText.lower(text) : text;
  }

  private int[] characters(String text) {
    return text.codePoints().filter(c -> whitespace || !PythonText.isSpace(c)).toArray();
  }

  /// Words, with one sign of punctuation parted from each: the last, or else the first.
  private int[] words(String text, Members numbers) {
    if (words == 0) {
      return new int[0];
    }
    var parted = new ArrayList<String>();
    for (String word : PythonText.split(text)) {
      int last = word.length() - 1;
      if (last == 0) {
        parted.add(word);
      } else if (PythonText.isPunctuation(word.charAt(last))) {
        parted.add(word.substring(0, last));
        parted.add(word.substring(last));
      } else if (PythonText.isPunctuation(word.charAt(0))) {
        parted.add(word.substring(0, 1));
        parted.add(word.substring(1));
      } else {
        parted.add(word);
      }
    }
    return numbers.of(parted);
  }

  /// The score of statistics.
  ///
  /// @param sums the statistics of some rows, added up; an order has the n-grams of answers, of references and of both
  public double score(double[] sums) {
    double factor = (double) beta * beta;
    int orders = characters + words;
    int common = 0;
    double precisions = 0;
    double recalls = 0;
    double scores = 0;
    for (int n = 0; n < orders; n++) {
      double answered = sums[3 * n];
      double reference = sums[3 * n + 1];
      double matched = sums[3 * n + 2];
      double precision = answered > 0 ? matched / answered : TINY;
      double recall = reference > 0 ? matched / reference : TINY;
      double below = factor * precision + recall;
      scores += below > 0 ? (1 + factor) * precision * recall / below : TINY;
      if (answered > 0 && reference > 0) {
        precisions += precision;
        recalls += recall;
        common++;
      }
    }
    if (epsilon) {
      return 100 * scores / orders;
    }
    if (common == 0 || precisions + recalls == 0) {
      return 0;
    }
    double precision = precisions / common;
    double recall = recalls / common;
    return 100 * ((1 + factor) * precision * recall / (factor * precision + recall));
  }

  @Override
  public String line(double[] sums, int decimals) {
    return label() + " = " + PythonText.fixed(score(sums), decimals);
  }
}
