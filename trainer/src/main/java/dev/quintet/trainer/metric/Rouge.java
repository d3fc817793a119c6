package dev.quintet.trainer.metric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// ROUGE of summaries, as the Python package rouge_score 0.1.2 computes it: the mean F1 over rows.
///
/// Sees letters `a` to `z` and digits alone: a text in another script scores 0, and [Measured#notes] says how many do. With
/// several right answers each kind takes the one of the best F1. Source: Lin, "ROUGE: a package for automatic evaluation of
/// summaries" (2004).
public final class Rouge implements Metric {
  /// The usual kinds.
  public static final List<String> TYPES = List.of("rouge1", "rouge2", "rougeL", "rougeLsum");

  /// Where a summary's sentences end, for `rougeLsum`.
  public enum Split {
    /// At line breaks, as rouge_score expects them.
    NEWLINE,
    /// At line breaks and behind full stops, exclamation and question marks: by rules of our own, so that scores differ a little
    /// from those with NLTK's splitter.
    SENTENCE
  }

  private final List<String> names;
  private final List<RougeType> types;
  private final boolean stemmer;
  private final Split split;

  /// @param types `rouge1` to `rouge9`, `rougeL`, `rougeLsum`
  /// @param stemmer whether words lose their endings first, which raises scores by a point or two of a hundred
  /// @throws IllegalArgumentException if a type is none of these, or there is none or one twice
  public Rouge(List<String> types, boolean stemmer, Split split) {
    this.names = List.copyOf(types);
    this.types = names.stream().map(RougeType::of).toList();
    this.stemmer = stemmer;
    this.split = split;
    if (names.isEmpty() || names.stream().distinct().count() < names.size()) {
      throw new IllegalArgumentException(
          "ROUGE: expected at least one type, each once, got " + names);
    }
  }

  /// The usual kinds, sentences at line breaks.
  ///
  /// @param stemmer whether words lose their endings first
  public Rouge(boolean stemmer) {
    this(TYPES, stemmer, Split.NEWLINE);
  }

  @Override
  public List<String> names() {
    return names;
  }

  @Override
  public String signature() {
    return "stemmer:"
        + (stemmer ? "yes" : "no")
        + (names.contains("rougeLsum")
            ? "|lsum_split:" + split.name().toLowerCase(java.util.Locale.ROOT)
            : "");
  }

  /// The scores of one row, in the order of [#names].
  public List<PrecisionRecallF1> score(Answered row) {
    return score(row, new RougeTokens(stemmer));
  }

  private List<PrecisionRecallF1> score(Answered row, RougeTokens tokens) {
    tokens.startRow();
    RougeType.Text guess = text(row.prediction(), tokens);
    PrecisionRecallF1[] best = new PrecisionRecallF1[types.size()];
    for (String answer : row.answers()) {
      RougeType.Text target = text(answer, tokens);
      for (int i = 0; i < best.length; i++) {
        PrecisionRecallF1 scores = types.get(i).score(target, guess);
        if (best[i] == null || scores.f1() > best[i].f1()) {
          best[i] = scores;
        }
      }
    }
    return Arrays.asList(best);
  }

  private RougeType.Text text(String text, RougeTokens tokens) {
    int[] whole = tokens.of(text);
    boolean sentences = names.contains("rougeLsum");
    return new RougeType.Text(whole, sentences ? sentences(text, whole, tokens) : List.of());
  }

  private List<int[]> sentences(String text, int[] whole, RougeTokens tokens) {
    Stream<String> lines = Stream.of(text.split("\n"));
    List<String> sentences =
        (split == Split.SENTENCE ? lines.flatMap(line -> Sentences.of(line).stream()) : lines)
            .filter(line -> !line.isEmpty())
            .toList();
    return sentences.size() == 1 ? List.of(whole) : sentences.stream().map(tokens::of).toList();
  }

  @Override
  public Measured measure(List<Answered> rows) {
    var tokens = new RougeTokens(stemmer);
    double[][] statistics = new double[rows.size()][];
    int blind = 0;
    for (int row = 0; row < statistics.length; row++) {
      Answered answered = rows.get(row);
      statistics[row] =
          score(answered, tokens).stream().mapToDouble(PrecisionRecallF1::f1).toArray();
      boolean nothing = Arrays.stream(statistics[row]).allMatch(score -> score == 0);
      blind += nothing && isBlind(answered, tokens) ? 1 : 0;
    }
    var notes = new ArrayList<String>();
    if (blind > 0) {
      notes.add(
          blind
              + " of "
              + rows.size()
              + " rows have answers without a letter from a to z or a digit: ROUGE sees no word of them and scores 0");
    }
    return new Tally(statistics, names.size(), (sums, count) -> Tally.means(sums, count, 1), notes);
  }

  private static boolean isBlind(Answered row, RougeTokens tokens) {
    return row.answers().stream()
        .allMatch(answer -> tokens.of(answer).length == 0 && !PythonText.strip(answer).isEmpty());
  }
}
