package dev.quintet.trainer.metric;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/// Sets of tags, written as `java, spring boot`: how well they overlap with the right ones, and how well the first few do.
///
/// Tags are parted by commas; white space is collapsed and letters are lowered. The right tags of a row are those of all
/// its answers. Micro adds up hits of all tags; macro is the mean over the tags that occur; samples is the mean over rows.
///
/// @param firsts how many of the first predicted tags to score, such as 1, 3 and 5
public record TagScores(List<Integer> firsts) implements ByClass {
  private static final List<String> OF_SETS =
      List.of(
          "micro_f1",
          "micro_precision",
          "micro_recall",
          "macro_f1",
          "macro_precision",
          "macro_recall",
          "samples_f1",
          "samples_precision",
          "samples_recall",
          "subset_accuracy",
          "hamming_loss",
          "jaccard");
  private static final int HITS = 0;
  private static final int GUESSED = 1;
  private static final int ACTUAL = 2;
  private static final int EQUAL = 3;
  private static final int JACCARD = 4;
  private static final int SAMPLES = 5;
  private static final int FIRSTS = 8;

  /// Copies the list.
  ///
  /// @throws IllegalArgumentException if one is below 1
  public TagScores {
    firsts = List.copyOf(firsts);
    for (int first : firsts) {
      if (first < 1) {
        throw new IllegalArgumentException(
            "TagScores: expected to score the first 1 or more tags, got " + first);
      }
    }
  }

  /// Sets, and the first 1, 3 and 5.
  public TagScores() {
    this(List.of(1, 3, 5));
  }

  /// The tags of a text, in order, each once.
  public static List<String> parse(String text) {
    var tags = new LinkedHashSet<String>();
    for (String part : text.split(",", -1)) {
      String tag = String.join(" ", PythonText.split(part)).toLowerCase(Locale.ROOT);
      if (!tag.isEmpty()) {
        tags.add(tag);
      }
    }
    return List.copyOf(tags);
  }

  @Override
  public List<String> names() {
    return Stream.concat(
            OF_SETS.stream(),
            firsts.stream()
                .flatMap(k -> Stream.of("f1_at_" + k, "precision_at_" + k, "recall_at_" + k)))
        .toList();
  }

  @Override
  public boolean higherIsBetter(String name) {
    return !name.equals("hamming_loss");
  }

  @Override
  public boolean isRightOrWrong(String name) {
    return name.equals("subset_accuracy");
  }

  @Override
  public Measured measure(List<Answered> rows) {
    Map<String, Integer> numbers = new HashMap<>();
    var counted = new ArrayList<double[]>();
    var guesses = new ArrayList<int[]>();
    var actuals = new ArrayList<int[]>();
    for (Answered row : rows) {
      List<String> actual = parse(String.join(",", row.answers()));
      List<String> guess = parse(row.prediction());
      counted.add(ofRow(new LinkedHashSet<>(actual), guess));
      actuals.add(numbered(actual, numbers));
      guesses.add(numbered(guess, numbers));
    }
    return new Counted(firsts, numbers.size(), counted, guesses, actuals);
  }

  /// The scores of each tag, the most frequent first.
  @Override
  public List<ClassScores> classes(List<Answered> rows) {
    Map<String, int[]> counts = new HashMap<>();
    for (Answered row : rows) {
      List<String> actual = parse(String.join(",", row.answers()));
      List<String> guess = parse(row.prediction());
      actual.forEach(tag -> counts.computeIfAbsent(tag, _ -> new int[3])[ACTUAL]++);
      for (String tag : guess) {
        int[] count = counts.computeIfAbsent(tag, _ -> new int[3]);
        count[GUESSED]++;
        count[HITS] += actual.contains(tag) ? 1 : 0;
      }
    }
    return counts.entrySet().stream()
        .map(tag -> {
          int[] count = tag.getValue();
          return new ClassScores(
              tag.getKey(),
              PrecisionRecallF1.of(count[HITS], count[GUESSED], count[ACTUAL]),
              count[ACTUAL],
              count[GUESSED]);
        })
        .sorted(
            Comparator.comparingLong(ClassScores::support)
                .reversed()
                .thenComparing(ClassScores::name, PythonText.ORDER))
        .toList();
  }

  private static int[] numbered(List<String> tags, Map<String, Integer> numbers) {
    return tags.stream()
        .mapToInt(tag -> numbers.computeIfAbsent(tag, _ -> numbers.size()))
        .toArray();
  }

  private double[] ofRow(LinkedHashSet<String> actual, List<String> guess) {
    double[] row = new double[FIRSTS + 3 * firsts.size()];
    int hits = hits(actual, guess);
    row[HITS] = hits;
    row[GUESSED] = guess.size();
    row[ACTUAL] = actual.size();
    int union = guess.size() + actual.size() - hits;
    row[EQUAL] = hits == union ? 1 : 0;
    row[JACCARD] = union == 0 ? 0 : (double) hits / union;
    put(PrecisionRecallF1.of(hits, guess.size(), actual.size()), row, SAMPLES);
    for (int i = 0; i < firsts.size(); i++) {
      int first = firsts.get(i);
      int among = hits(actual, guess.subList(0, Math.min(first, guess.size())));
      // Precision is of k guesses, also where there are fewer.
      put(PrecisionRecallF1.of(among, first, actual.size()), row, FIRSTS + 3 * i);
    }
    return row;
  }

  private static int hits(LinkedHashSet<String> actual, List<String> guess) {
    return (int) guess.stream().filter(actual::contains).count();
  }

  private static void put(PrecisionRecallF1 scores, double[] into, int at) {
    into[at] = scores.f1();
    into[at + 1] = scores.precision();
    into[at + 2] = scores.recall();
  }

  /// The numbers of a row, and behind them hits, guesses and rows of each tag, nearly all of them 0.
  private record Counted(
      List<Integer> firsts,
      int tags,
      List<double[]> counted,
      List<int[]> guesses,
      List<int[]> actuals)
      implements Measured {

    @Override
    public int rows() {
      return counted.size();
    }

    private int head() {
      return FIRSTS + 3 * firsts.size();
    }

    @Override
    public int width() {
      return head() + 3 * tags;
    }

    @Override
    public void add(int row, double times, double[] sums) {
      double[] numbers = counted.get(row);
      for (int i = 0; i < numbers.length; i++) {
        sums[i] += times * numbers[i];
      }
      int[] actual = actuals.get(row);
      for (int tag : actual) {
        sums[head() + 2 * tags + tag] += times;
      }
      for (int tag : guesses.get(row)) {
        sums[head() + tags + tag] += times;
        for (int other : actual) {
          if (other == tag) {
            sums[head() + tag] += times;
          }
        }
      }
    }

    @Override
    public double[][] statistics() {
      double[][] all = new double[rows()][width()];
      for (int row = 0; row < all.length; row++) {
        add(row, 1, all[row]);
      }
      return all;
    }

    @Override
    public double[] scores(double[] sums, int rows) {
      double[] scores = new double[OF_SETS.size() + 3 * firsts.size()];
      put(PrecisionRecallF1.of(sums[HITS], sums[GUESSED], sums[ACTUAL]), scores, 0);
      put(macro(sums), scores, 3);
      if (rows > 0) {
        for (int i = 0; i < 3; i++) {
          scores[6 + i] = sums[SAMPLES + i] / rows;
        }
        scores[9] = sums[EQUAL] / rows;
        double wrong = sums[GUESSED] + sums[ACTUAL] - 2 * sums[HITS];
        scores[10] = tags == 0 ? 0 : wrong / ((double) rows * tags);
        scores[11] = sums[JACCARD] / rows;
        for (int i = 0; i < 3 * firsts.size(); i++) {
          scores[OF_SETS.size() + i] = sums[FIRSTS + i] / rows;
        }
      }
      return scores;
    }

    private PrecisionRecallF1 macro(double[] sums) {
      var each = new ArrayList<PrecisionRecallF1>();
      for (int tag = 0; tag < tags; tag++) {
        each.add(
            PrecisionRecallF1.of(
                sums[head() + tag], sums[head() + tags + tag], sums[head() + 2 * tags + tag]));
      }
      return each.isEmpty() ? PrecisionRecallF1.ZERO : PrecisionRecallF1.mean(each);
    }
  }
}
