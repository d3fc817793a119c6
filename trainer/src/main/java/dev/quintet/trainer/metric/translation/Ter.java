package dev.quintet.trainer.metric.translation;

import dev.quintet.trainer.metric.Answered;
import dev.quintet.trainer.metric.Measured;
import dev.quintet.trainer.metric.PythonText;
import dev.quintet.trainer.metric.translation.Signature.Entry;
import java.util.List;

/// TER, in percent, of which less is better: the words to insert, delete, replace or shift until an answer is the reference.
///
/// Source: Snover et al., "A Study of Translation Edit Rate with Targeted Human Annotation" (2006), in the form of sacrebleu
/// 2.6.0, which follows Tercom.
///
/// @param normalized whether punctuation is parted from words and XML's escapes are read
/// @param withoutPunctuation whether punctuation is left out
/// @param asian whether the same is done to Asian characters and punctuation
/// @param caseSensitive whether case counts
public record Ter(
    boolean normalized, boolean withoutPunctuation, boolean asian, boolean caseSensitive)
    implements TranslationMetric {

  /// Words between white space, case ignored.
  public static final Ter DEFAULT = new Ter(false, false, false, false);

  /// This one with texts normalized or not.
  public Ter withNormalized(boolean on) {
    return new Ter(on, withoutPunctuation, asian, caseSensitive);
  }

  /// This one without punctuation, or with it.
  public Ter withoutPunctuation(boolean on) {
    return new Ter(normalized, on, asian, caseSensitive);
  }

  /// This one with Asian characters treated or not.
  public Ter withAsian(boolean on) {
    return new Ter(normalized, withoutPunctuation, on, caseSensitive);
  }

  /// This one with case counted or not.
  public Ter withCaseSensitive(boolean on) {
    return new Ter(normalized, withoutPunctuation, asian, on);
  }

  @Override
  public List<String> names() {
    return List.of("ter");
  }

  @Override
  public boolean higherIsBetter(String name) {
    return false;
  }

  @Override
  public String label() {
    return "TER";
  }

  @Override
  public int statistics() {
    return 2;
  }

  @Override
  public Signature signature(List<Answered> rows) {
    return Signature.of(
        rows,
        Entry.of("case", "c", caseSensitive ? "mixed" : "lc"),
        Entry.of("tok", "t", "tercom"),
        Entry.of("norm", "nr", normalized),
        Entry.of("punct", "pn", !withoutPunctuation),
        Entry.of("asian", "as", asian));
  }

  /// Counts rows: the fewest edits, and the mean length of the references.
  @Override
  public Measured measure(List<Answered> rows) {
    var tokenizer = new TercomTokenizer(normalized, withoutPunctuation, asian, caseSensitive);
    var words = new Members();
    double[][] statistics = new double[rows.size()][];
    for (int i = 0; i < statistics.length; i++) {
      Answered row = rows.get(i);
      int[] answer = words.of(tokenizer.words(row.prediction()));
      double lengths = 0;
      long fewest = Long.MAX_VALUE;
      for (String text : row.answers()) {
        // sacrebleu cuts references twice, which tells where a possessive stands before a sign.
        List<String> once = tokenizer.words(text);
        int[] reference = words.of(tokenizer.words(String.join(" ", once)));
        fewest = Math.min(fewest, new TranslationEdits(reference).count(answer));
        lengths += reference.length;
      }
      statistics[i] = new double[] {fewest, lengths / row.answers().size()};
    }
    return new Measured() {
      @Override
      public int width() {
        return Ter.this.statistics();
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

  /// The score of statistics.
  ///
  /// @param sums the edits and the reference words of some rows, added up
  public double score(double[] sums) {
    return sums[1] > 0 ? 100 * (sums[0] / sums[1]) : sums[0] > 0 ? 100 : 0;
  }

  @Override
  public String line(double[] sums, int decimals) {
    return label() + " = " + PythonText.fixed(score(sums), decimals);
  }
}
