package dev.quintet.trainer.metric;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// Scores of guessed labels, of each label and averaged over labels, as scikit-learn computes them.
public final class LabelScores {
  private final LabelSet labels;
  private final ZeroDivision zero;
  private final double rows;
  private final double[] sums;

  /// @param sums hits of each label, then guesses of each, then rows that have it
  LabelScores(LabelSet labels, ZeroDivision zero, double rows, double[] sums) {
    this.labels = labels;
    this.zero = zero;
    this.rows = rows;
    this.sums = sums;
  }

  /// Of labels beside those that were guessed; averages are over all that occur.
  ///
  /// @throws IllegalArgumentException if the lists differ in length
  public static LabelScores of(List<String> truth, List<String> guesses, ZeroDivision zero) {
    return count(LabelSet.of(occurring(truth, guesses), List.of()), truth, guesses, zero);
  }

  /// Of labels beside those that were guessed; averages are over the labels asked for.
  ///
  /// @param asked in any order; a label that does not occur counts too
  /// @throws IllegalArgumentException if the lists differ in length, or no label is asked for
  public static LabelScores of(
      List<String> truth, List<String> guesses, ZeroDivision zero, List<String> asked) {
    if (asked.isEmpty()) {
      throw new IllegalArgumentException(
          "LabelScores.of: expected at least one label to average over, got none");
    }
    return count(LabelSet.of(occurring(truth, guesses), asked), truth, guesses, zero);
  }

  private static List<String> occurring(List<String> truth, List<String> guesses) {
    if (truth.size() != guesses.size()) {
      throw new IllegalArgumentException(
          "LabelScores.of: expected as many guesses as labels, got %d and %d"
              .formatted(guesses.size(), truth.size()));
    }
    var all = new TreeSet<>(PythonText.ORDER);
    all.addAll(truth);
    all.addAll(guesses);
    return List.copyOf(all);
  }

  private static LabelScores count(
      LabelSet labels, List<String> truth, List<String> guesses, ZeroDivision zero) {
    double[] sums = new double[3 * labels.size()];
    for (int row = 0; row < truth.size(); row++) {
      labels.count(labels.number(truth.get(row)), labels.number(guesses.get(row)), 1, sums);
    }
    return new LabelScores(labels, zero, truth.size(), sums);
  }

  /// The labels that averages are over: as asked for, or all in the order of their code points.
  public List<String> labels() {
    return labels.averaged();
  }

  /// The scores of a label; [#support] 0 and no guess where it is unknown.
  public PrecisionRecallF1 of(String label) {
    return of(labels.number(label));
  }

  /// How many rows have the label.
  public long support(String label) {
    int number = labels.number(label);
    return number < 0 ? 0 : Math.round(actual(number));
  }

  /// For how many rows the label was guessed.
  public long guesses(String label) {
    int number = labels.number(label);
    return number < 0 ? 0 : Math.round(guessed(number));
  }

  /// The share of rows whose label was guessed; 0 of no rows.
  public double accuracy() {
    return rows == 0 ? 0 : hits() / rows;
  }

  /// The mean of the labels' scores. Its F1 is the mean of F1s.
  public PrecisionRecallF1 macro() {
    return PrecisionRecallF1.mean(each());
  }

  /// The scores of the labels' counts added up: the accuracy, three times, where no label is left out.
  public PrecisionRecallF1 micro() {
    double hits = 0;
    double guessed = 0;
    double actual = 0;
    for (int label : labels.numbers()) {
      hits += hits(label);
      guessed += guessed(label);
      actual += actual(label);
    }
    return PrecisionRecallF1.of(hits, guessed, actual, zero);
  }

  /// The mean of the labels' scores, each as often as it occurs.
  public PrecisionRecallF1 weighted() {
    return PrecisionRecallF1.weighted(
        each(), IntStream.of(labels.numbers()).mapToDouble(this::actual).toArray());
  }

  /// The mean recall of the labels that occur, whatever is asked for; 0 where none does.
  public double balancedAccuracy() {
    double sum = 0;
    int occurring = 0;
    for (int label = 0; label < labels.size(); label++) {
      if (actual(label) > 0) {
        sum += hits(label) / actual(label);
        occurring++;
      }
    }
    return occurring == 0 ? 0 : sum / occurring;
  }

  /// Matthews' correlation of truth and guess over all labels; 0 where either is always the same.
  ///
  /// Source: Gorodkin, "Comparing two K-category assignments by a K-category correlation coefficient" (2004).
  public double matthews() {
    double squares = rows * rows;
    double both = 0;
    double guesses = 0;
    double truths = 0;
    for (int label = 0; label < labels.size(); label++) {
      both += guessed(label) * actual(label);
      guesses += guessed(label) * guessed(label);
      truths += actual(label) * actual(label);
    }
    double scale = Math.sqrt((squares - guesses) * (squares - truths));
    return scale == 0 ? 0 : (hits() * rows - both) / scale;
  }

  /// Cohen's kappa over all labels: how far the agreement goes beyond chance; NaN where chance would agree always.
  public double kappa() {
    double chance = 0;
    for (int label = 0; label < labels.size(); label++) {
      chance += guessed(label) * actual(label);
    }
    return rows * rows == chance ? Double.NaN : (hits() * rows - chance) / (rows * rows - chance);
  }

  private List<PrecisionRecallF1> each() {
    return IntStream.of(labels.numbers()).mapToObj(this::of).toList();
  }

  private PrecisionRecallF1 of(int label) {
    return label < 0
        ? PrecisionRecallF1.of(0, 0, 0, zero)
        : PrecisionRecallF1.of(hits(label), guessed(label), actual(label), zero);
  }

  private double hits() {
    double hits = 0;
    for (int label = 0; label < labels.size(); label++) {
      hits += hits(label);
    }
    return hits;
  }

  private double hits(int label) {
    return sums[label];
  }

  private double guessed(int label) {
    return sums[labels.size() + label];
  }

  private double actual(int label) {
    return sums[2 * labels.size() + label];
  }
}
