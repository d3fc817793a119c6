package dev.quintet.trainer.evaluate;

import dev.quintet.trainer.metric.Answered;
import dev.quintet.trainer.metric.Classification;
import dev.quintet.trainer.metric.Confusion;
import dev.quintet.trainer.metric.Measured;
import dev.quintet.trainer.metric.Metric;
import dev.quintet.trainer.metric.PythonText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/// Where a model is wrong: its worst and best answers, how scores go with length and group, which labels it takes for which,
/// and answers that are cut off, empty, repeated or no label.
///
/// @param score the name of the score that it goes by, the metric's first
/// @param worst answers with the worst score, of equal ones those with the greatest loss first
/// @param best answers with the best score; none is among the worst too
/// @param unlikeliest rows whose right answer has the greatest loss
/// @param likeliest rows whose right answer has the least
/// @param bySource means by the length of sources, in quintiles: fewer where many are as long
/// @param byTarget means by the length of the first right answers
/// @param byColumn means by the values of columns that part the rows into groups; the most frequent, then all others
/// @param confusion which label was taken for which, where answers are labels
/// @param counts of answers that are wrong in a way of their own
public record ErrorAnalysis(
    String score,
    List<Judged> worst,
    List<Judged> best,
    List<Judged> unlikeliest,
    List<Judged> likeliest,
    List<Group> bySource,
    List<Group> byTarget,
    SequencedMap<String, List<Group>> byColumn,
    Optional<Confusion> confusion,
    Counts counts) {

  /// How many answers a list has at most.
  public static final int SHOWN = 20;

  private static final int QUINTILES = 5;
  private static final int GROUPS = 20;
  private static final int MOST_LABELS = 50;
  private static final int ROWS_A_LABEL = 5;

  /// A prediction with its own score.
  public record Judged(Prediction prediction, double score) {}

  /// Some rows together.
  ///
  /// @param name which they are
  /// @param rows how many
  /// @param score of all of them
  /// @param loss the mean of their losses; NaN where none was measured
  public record Group(String name, int rows, double score, double loss) {}

  /// An answer and how often it was given.
  public record Frequent(String answer, int times) {}

  /// How lengths are measured, and how long texts may be.
  ///
  /// @param unit of a length, such as `tokens`
  /// @param length of a text
  /// @param maxSource what is longer is cut; nothing where that is not known
  /// @param maxTarget the same of right answers
  public record Measure(
      String unit, ToIntFunction<String> length, OptionalInt maxSource, OptionalInt maxTarget) {

    /// Words between white space, of which nothing is known to be cut.
    public static final Measure WORDS =
        new Measure(
            "words",
            text -> PythonText.split(text).size(),
            OptionalInt.empty(),
            OptionalInt.empty());
  }

  /// Answers that are wrong in a way of their own.
  ///
  /// @param rows all
  /// @param cutOff answers that ended at the limit of their length
  /// @param empty answers without a character that is not white space
  /// @param looping answers in which one to four words stand three times in a row
  /// @param distinct how many different answers there are
  /// @param frequent the most frequent answers that were given more than once
  /// @param noLabel answers that are no label; nothing where answers are no labels
  /// @param sourcesCut sources that are longer than what is read; nothing where that is not known
  /// @param targetsCut right answers that are longer than what is trained on
  public record Counts(
      int rows,
      int cutOff,
      int empty,
      int looping,
      int distinct,
      List<Frequent> frequent,
      OptionalInt noLabel,
      OptionalInt sourcesCut,
      OptionalInt targetsCut) {}

  /// Looks through predictions, lengths being counted in words.
  ///
  /// @param metric its first score decides
  public static ErrorAnalysis of(List<Prediction> predictions, Metric metric) {
    return of(predictions, metric, Measure.WORDS);
  }

  /// Looks through predictions.
  ///
  /// @param metric its first score decides
  /// @param measure how lengths are counted
  public static ErrorAnalysis of(List<Prediction> predictions, Metric metric, Measure measure) {
    return new Search(predictions, metric, measure).analysis();
  }

  /// Whether answers are labels: few different right answers, each of several rows.
  private static boolean areLabels(List<Prediction> predictions, Metric metric) {
    long distinct =
        predictions.stream().map(one -> one.sample().answers().getFirst()).distinct().count();
    return metric instanceof Classification
        || distinct <= Math.min(MOST_LABELS, predictions.size() / ROWS_A_LABEL);
  }

  private static final class Search {
    private final List<Prediction> predictions;
    private final Metric metric;
    private final Measure measure;
    private final Measured measured;
    private final double[] scores;
    private final int[] sources;
    private final int[] targets;

    Search(List<Prediction> predictions, Metric metric, Measure measure) {
      this.predictions = List.copyOf(predictions);
      this.metric = metric;
      this.measure = measure;
      measured = metric.measure(answered());
      scores = all().mapToDouble(row -> score(List.of(row))).toArray();
      sources = lengths(one -> one.sample().source());
      targets = lengths(one -> one.sample().answers().getFirst());
    }

    ErrorAnalysis analysis() {
      boolean higher = metric.higherIsBetter(metric.names().getFirst());
      Comparator<Integer> byLoss = Comparator.comparingDouble(this::loss);
      Comparator<Integer> worse =
          Comparator.comparingDouble(row -> scores[row] * (higher ? 1 : -1));
      Comparator<Integer> known = Comparator.comparing(row -> Double.isNaN(scores[row]));
      Comparator<Integer> lossKnown = Comparator.comparing(row -> Double.isNaN(loss(row)));
      Optional<Confusion> confusion = confusion();
      return new ErrorAnalysis(
          metric.names().getFirst(),
          first(
              known.thenComparing(worse).thenComparing(lossKnown).thenComparing(byLoss.reversed()),
              true),
          first(
              known.thenComparing(worse.reversed()).thenComparing(lossKnown).thenComparing(byLoss),
              false),
          withLoss(first(lossKnown.thenComparing(byLoss.reversed()), true)),
          withLoss(first(lossKnown.thenComparing(byLoss), false)),
          quintiles(sources),
          quintiles(targets),
          columns(),
          confusion,
          counts(confusion));
    }

    private IntStream all() {
      return IntStream.range(0, predictions.size());
    }

    private List<Answered> answered() {
      return predictions.stream().map(Prediction::answered).toList();
    }

    private int[] lengths(Function<Prediction, String> text) {
      return predictions.stream()
          .mapToInt(one -> measure.length.applyAsInt(text.apply(one)))
          .toArray();
    }

    private double loss(int row) {
      return predictions.get(row).loss();
    }

    private double score(List<Integer> rows) {
      double[] sums = new double[measured.width()];
      rows.forEach(row -> measured.add(row, 1, sums));
      return measured.scores(sums, rows.size())[0];
    }

    /// The first rows in an order; no row is among the first of it and of its reverse.
    private List<Judged> first(Comparator<Integer> order, boolean larger) {
      int half = (predictions.size() + (larger ? 1 : 0)) / 2;
      return all()
          .boxed()
          .sorted(order)
          .limit(Math.min(SHOWN, half))
          .map(row -> new Judged(predictions.get(row), scores[row]))
          .toList();
    }

    private static List<Judged> withLoss(List<Judged> rows) {
      return rows.stream().filter(row -> !Double.isNaN(row.prediction.loss())).toList();
    }

    private Group group(String name, List<Integer> rows) {
      double loss =
          rows.stream()
              .mapToDouble(this::loss)
              .filter(value -> !Double.isNaN(value))
              .average()
              .orElse(Double.NaN);
      return new Group(name, rows.size(), score(rows), loss);
    }

    /// Rows of one length are in one group.
    private List<Group> quintiles(int[] lengths) {
      List<Integer> order =
          all().boxed().sorted(Comparator.comparingInt((Integer row) -> lengths[row])).toList();
      var groups = new ArrayList<Group>();
      int from = 0;
      for (int part = 1; part <= QUINTILES; part++) {
        int to = (int) ((long) order.size() * part / QUINTILES);
        while (to > 0
            && to < order.size()
            && lengths[order.get(to)] == lengths[order.get(to - 1)]) {
          to++;
        }
        if (to > from) {
          int least = lengths[order.get(from)];
          int most = lengths[order.get(to - 1)];
          String range = least == most ? "" + least : least + " to " + most;
          groups.add(group(range + " " + measure.unit, order.subList(from, to)));
          from = to;
        }
      }
      return groups;
    }

    private SequencedMap<String, List<Group>> columns() {
      var names = new LinkedHashSet<String>();
      predictions.forEach(one -> names.addAll(one.sample().columns().keySet()));
      var columns = new LinkedHashMap<String, List<Group>>();
      for (String name : names) {
        Map<String, List<Integer>> rows = new LinkedHashMap<>();
        all()
            .forEach(row ->
                rows.computeIfAbsent(
                        predictions.get(row).sample().columns().getOrDefault(name, ""),
                        _ -> new ArrayList<>())
                    .add(row));
        if (rows.size() > 1 && rows.size() <= predictions.size() / 2) {
          columns.put(name, groups(rows));
        }
      }
      return columns;
    }

    private List<Group> groups(Map<String, List<Integer>> rows) {
      List<Map.Entry<String, List<Integer>>> order =
          rows.entrySet().stream()
              .sorted(
                  Comparator.comparingInt(
                      (Map.Entry<String, List<Integer>> entry) -> -entry.getValue().size()))
              .toList();
      var groups = new ArrayList<Group>();
      order.stream()
          .limit(GROUPS)
          .forEach(entry -> groups.add(group(entry.getKey(), entry.getValue())));
      if (order.size() > GROUPS) {
        List<Integer> others =
            order.stream().skip(GROUPS).flatMap(entry -> entry.getValue().stream()).toList();
        groups.add(group((order.size() - GROUPS) + " others", others));
      }
      return groups;
    }

    private Optional<Confusion> confusion() {
      if (!areLabels(predictions, metric)) {
        return Optional.empty();
      }
      Classification labels = metric instanceof Classification own ? own : new Classification();
      return Optional.of(labels.confusion(answered()));
    }

    private Counts counts(Optional<Confusion> confusion) {
      Map<String, Integer> times = new LinkedHashMap<>();
      predictions.forEach(one -> times.merge(one.reply().text(), 1, Integer::sum));
      List<Frequent> frequent =
          times.entrySet().stream()
              .filter(entry -> entry.getValue() > 1)
              .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
              .limit(SHOWN)
              .map(entry -> new Frequent(entry.getKey(), entry.getValue()))
              .toList();
      return new Counts(
          predictions.size(),
          (int) predictions.stream().filter(one -> one.reply().cutOff()).count(),
          (int) predictions.stream().filter(one -> one.reply().text().isBlank()).count(),
          (int) predictions.stream().filter(one -> loops(one.reply().text())).count(),
          times.size(),
          frequent,
          confusion.map(Search::strangers).map(OptionalInt::of).orElse(OptionalInt.empty()),
          longer(sources, measure.maxSource),
          longer(targets, measure.maxTarget));
    }

    private static int strangers(Confusion confusion) {
      int none = confusion.labels().indexOf(Classification.NONE);
      return none < 0 ? 0 : confusion.counts().stream().mapToInt(row -> row.get(none)).sum();
    }

    private static OptionalInt longer(int[] lengths, OptionalInt most) {
      return most.isEmpty()
          ? OptionalInt.empty()
          : OptionalInt.of((int) IntStream.of(lengths).filter(l -> l > most.getAsInt()).count());
    }

    private static boolean loops(String text) {
      List<String> words = PythonText.split(text);
      for (int size = 1; size <= 4; size++) {
        int same = 0;
        for (int i = size; i < words.size(); i++) {
          same = words.get(i).equals(words.get(i - size)) ? same + 1 : 0;
          if (same == 2 * size) {
            return true;
          }
        }
      }
      return false;
    }
  }
}
