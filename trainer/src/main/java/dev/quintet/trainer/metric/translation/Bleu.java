package dev.quintet.trainer.metric.translation;

import dev.quintet.trainer.metric.Answered;
import dev.quintet.trainer.metric.Measured;
import dev.quintet.trainer.metric.PythonText;
import dev.quintet.trainer.metric.translation.Signature.Entry;
import java.util.Arrays;
import java.util.List;

/// BLEU, from 0 to 100: the geometric mean of the precisions of n-grams, times a penalty for what is too short.
///
/// It is a measure of a corpus: the mean over sentences is another number. Source: Papineni et al., "BLEU: a Method for
/// Automatic Evaluation of Machine Translation" (2002), in the form of sacrebleu 2.6.0 (Post, 2018).
///
/// @param tokenizer what cuts texts into words
/// @param smoothing what stands for the precision of an order without a match
/// @param lowercase whether case is ignored
/// @param effectiveOrder whether only orders count for which the answer is long enough; for single sentences
/// @param order the longest n-grams
public record Bleu(
    BleuTokenizer tokenizer,
    Smoothing smoothing,
    boolean lowercase,
    boolean effectiveOrder,
    int order)
    implements TranslationMetric {

  /// What papers report: tokenizer 13a, exponential smoothing, case counts, 4-grams.
  public static final Bleu DEFAULT =
      new Bleu(BleuTokenizer.MTEVAL_13A, new Smoothing.Exponential(), false, false, 4);

  private static final double LOG_OF_ZERO = -9_999_999_999.0;
  private static final int MOST = 64;

  /// Refuses an order that is none.
  ///
  /// @throws IllegalArgumentException if it is not from 1 to 64
  public Bleu {
    if (order < 1 || order > MOST) {
      throw new IllegalArgumentException(
          "BLEU counts n-grams of 1 to at most " + MOST + " words, not " + order);
    }
  }

  /// This one with another tokenizer.
  public Bleu withTokenizer(BleuTokenizer other) {
    return new Bleu(other, smoothing, lowercase, effectiveOrder, order);
  }

  /// This one with another smoothing.
  public Bleu withSmoothing(Smoothing other) {
    return new Bleu(tokenizer, other, lowercase, effectiveOrder, order);
  }

  /// This one with case ignored or not.
  public Bleu withLowercase(boolean on) {
    return new Bleu(tokenizer, smoothing, on, effectiveOrder, order);
  }

  /// This one with the effective order or not.
  public Bleu withEffectiveOrder(boolean on) {
    return new Bleu(tokenizer, smoothing, lowercase, on, order);
  }

  /// This one with other longest n-grams.
  public Bleu withOrder(int longest) {
    return new Bleu(tokenizer, smoothing, lowercase, effectiveOrder, longest);
  }

  @Override
  public List<String> names() {
    return List.of("bleu");
  }

  @Override
  public String label() {
    return "BLEU";
  }

  @Override
  public int statistics() {
    return 2 + 2 * order;
  }

  @Override
  public Signature signature(List<Answered> rows) {
    return Signature.of(
        rows,
        Entry.of("case", "c", lowercase ? "lc" : "mixed"),
        Entry.of("eff", "e", effectiveOrder),
        Entry.of("tok", "tok", tokenizer.label()),
        Entry.of("smooth", "s", smoothing.toString()));
  }

  /// Counts rows: words of the answer, words of the reference that is nearest in length, matched n-grams of each order, and
  /// all n-grams of each order.
  @Override
  public Measured measure(List<Answered> rows) {
    var words = new Members();
    var ngrams = new NgramTrie(order);
    double[][] statistics = new double[rows.size()][];
    for (int i = 0; i < statistics.length; i++) {
      statistics[i] = statistics(rows.get(i), words, ngrams);
    }
    return new Measured() {
      @Override
      public int width() {
        return Bleu.this.statistics();
      }

      @Override
      public double[][] statistics() {
        return statistics;
      }

      @Override
      public double[] scores(double[] sums, int count) {
        return new double[] {score(sums).score()};
      }
    };
  }

  private double[] statistics(Answered row, Members words, NgramTrie ngrams) {
    double[] counts = new double[statistics()];
    int[] answer = words.of(cut(row.prediction()));
    int nearest = -1;
    ngrams.clear();
    for (String text : row.answers()) {
      int[] reference = words.of(cut(text));
      ngrams.reference(reference, reference.length);
      nearest = nearest < 0 ? reference.length : nearer(answer.length, nearest, reference.length);
    }
    counts[0] = answer.length;
    counts[1] = nearest;
    ngrams.answer(answer, answer.length, counts, 2 + order, 2, 1);
    return counts;
  }

  private List<String> cut(String text) {
    String line = lowercase ? PythonText.lower(text) : text;
    return PythonText.split(tokenizer.tokenize(PythonText.stripEnd(line)));
  }

  /// The nearer of two lengths; of two as near, the shorter.
  private static int nearer(int length, int one, int other) {
    int away = Math.abs(length - one) - Math.abs(length - other);
    return away == 0 ? Math.min(one, other) : away < 0 ? one : other;
  }

  /// The score of statistics, and what it is made of.
  ///
  /// @param sums the statistics of some rows, added up; `(2 + 2 * order)`
  public Score score(double[] sums) {
    double[] matched = Arrays.copyOfRange(sums, 2, 2 + order);
    double[] all = Arrays.copyOfRange(sums, 2 + order, 2 + 2 * order);
    double[] precisions = new double[order];
    double penalty = penalty(sums[0], sums[1]);
    double score = 0;
    if (Arrays.stream(matched).anyMatch(count -> count != 0)) {
      int orders = precisions(matched, all, precisions);
      double logs = 0;
      for (int n = 0; n < orders; n++) {
        logs += precisions[n] == 0 ? LOG_OF_ZERO : Math.log(precisions[n]);
      }
      score = penalty * Math.exp(logs / orders);
    }
    return new Score(score, precisions, matched, all, penalty, (long) sums[0], (long) sums[1]);
  }

  private static double penalty(double answered, double reference) {
    if (answered >= reference) {
      return 1;
    }
    return answered > 0 ? Math.exp(1 - reference / answered) : 0;
  }

  /// Computes the precisions in percent, and changes the counts where smoothing does.
  ///
  /// @return how many orders count
  private int precisions(double[] matched, double[] all, double[] precisions) {
    int orders = order;
    double halves = 1;
    for (int n = 0; n < order; n++) {
      if (n > 0 && smoothing instanceof Smoothing.AddK add) {
        matched[n] += add.count();
        all[n] += add.count();
      }
      if (all[n] == 0) {
        break;
      }
      if (effectiveOrder) {
        orders = n + 1;
      }
      if (matched[n] != 0) {
        precisions[n] = 100 * matched[n] / all[n];
        continue;
      }
      switch (smoothing) {
        case Smoothing.Exponential _ -> {
          halves *= 2;
          precisions[n] = 100 / (halves * all[n]);
        }
        case Smoothing.Floor floor -> precisions[n] = 100 * floor.count() / all[n];
        case Smoothing.AddK _, Smoothing.None _ -> precisions[n] = 0;
      }
    }
    return orders;
  }

  @Override
  public String line(double[] sums, int decimals) {
    return score(sums).line(decimals);
  }

  /// A score and what it is made of.
  ///
  /// @param score from 0 to 100
  /// @param precisions of each order, in percent
  /// @param counts matched n-grams of each order, smoothed
  /// @param totals all n-grams of each order, smoothed
  /// @param penalty for what is too short, from 0 to 1
  /// @param answerLength words of the answers
  /// @param referenceLength words of the references
  public record Score(
      double score,
      double[] precisions,
      double[] counts,
      double[] totals,
      double penalty,
      long answerLength,
      long referenceLength) {

    /// The score in print: `BLEU = 25.3 60.0/33.3/20.0/10.0 (BP = 1.000 ratio = 1.050 hyp_len = 21 ref_len = 20)`.
    ///
    /// @param decimals of the score
    public String line(int decimals) {
      List<String> shown = Arrays.stream(precisions).mapToObj(p -> PythonText.fixed(p, 1)).toList();
      double ratio = referenceLength == 0 ? 0 : (double) answerLength / referenceLength;
      return "BLEU = %s %s (BP = %s ratio = %s hyp_len = %d ref_len = %d)"
          .formatted(
              PythonText.fixed(score, decimals),
              String.join("/", shown),
              PythonText.fixed(penalty, 3),
              PythonText.fixed(ratio, 3),
              answerLength,
              referenceLength);
    }
  }
}
