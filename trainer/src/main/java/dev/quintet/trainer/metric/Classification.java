package dev.quintet.trainer.metric;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Labels as text: accuracy, averages of precision, recall and F1, Matthews' correlation, balanced accuracy, kappa.
///
/// Labels are those asked for and those that occur as answers. A prediction that is none of them is wrong, in a class of its own,
/// [#NONE]. Averages are over the labels asked for; where none are, over those that occur, [#NONE] among them. With
/// several right answers the one predicted is the true label, or else the first.
public final class Classification implements ByClass {
  /// The class of predictions that are no label.
  public static final String NONE = "<none>";

  private final List<String> asked;
  private final ZeroDivision zero;

  /// @param asked labels to average over; none for all that occur
  /// @param zero what a ratio to nothing is
  public Classification(List<String> asked, ZeroDivision zero) {
    this.asked = List.copyOf(asked);
    this.zero = zero;
  }

  /// Of all labels that occur; a ratio to nothing is 0.
  public Classification() {
    this(List.of(), ZeroDivision.ZERO);
  }

  @Override
  public List<String> names() {
    return List.of(
        "accuracy",
        "macro_f1",
        "macro_precision",
        "macro_recall",
        "micro_f1",
        "weighted_f1",
        "matthews",
        "balanced_accuracy",
        "kappa");
  }

  @Override
  public boolean isRightOrWrong(String name) {
    return name.equals("accuracy");
  }

  @Override
  public String signature() {
    String labels = asked.isEmpty() ? "all" : String.join(",", asked);
    return "labels:" + labels + "|zero_division:" + zero.name().toLowerCase(java.util.Locale.ROOT);
  }

  /// The scores of each label and their averages.
  public LabelScores labels(List<Answered> rows) {
    Rows read = read(rows);
    return asked.isEmpty()
        ? LabelScores.of(read.truth, read.guesses, zero)
        : LabelScores.of(read.truth, read.guesses, zero, asked);
  }

  @Override
  public List<ClassScores> classes(List<Answered> rows) {
    LabelScores scores = labels(rows);
    return scores.labels().stream()
        .map(label ->
            new ClassScores(label, scores.of(label), scores.support(label), scores.guesses(label)))
        .toList();
  }

  /// How often each label was taken for each other.
  public Confusion confusion(List<Answered> rows) {
    Rows read = read(rows);
    return Confusion.of(read.truth, read.guesses);
  }

  @Override
  public Measured measure(List<Answered> rows) {
    Rows read = read(rows);
    var occurring = new TreeSet<>(PythonText.ORDER);
    occurring.addAll(read.truth);
    occurring.addAll(read.guesses);
    LabelSet labels = LabelSet.of(List.copyOf(occurring), asked);
    return new Counted(
        labels,
        zero,
        read.truth.stream().mapToInt(labels::number).toArray(),
        read.guesses.stream().mapToInt(labels::number).toArray(),
        notes(read));
  }

  private List<String> notes(Rows read) {
    return read.strange == 0
        ? List.of()
        : List.of(
            read.strange
                + " of "
                + read.truth.size()
                + " predictions are none of the labels: they count as wrong, in the class "
                + NONE);
  }

  private record Rows(List<String> truth, List<String> guesses, int strange) {}

  private Rows read(List<Answered> rows) {
    var truth = new ArrayList<String>();
    for (Answered row : rows) {
      boolean right = row.answers().contains(row.prediction());
      truth.add(right ? row.prediction() : row.answers().getFirst());
    }
    Set<String> known = new HashSet<>(asked);
    known.addAll(truth);
    var guesses = new ArrayList<String>();
    int strange = 0;
    for (Answered row : rows) {
      boolean label = known.contains(row.prediction());
      guesses.add(label ? row.prediction() : NONE);
      strange += label ? 0 : 1;
    }
    return new Rows(truth, guesses, strange);
  }

  /// A row is two numbers here, and three times as many as there are labels only where they are asked for.
  private record Counted(
      LabelSet labels, ZeroDivision zero, int[] truth, int[] guesses, List<String> notes)
      implements Measured {

    @Override
    public int rows() {
      return truth.length;
    }

    @Override
    public int width() {
      return 3 * labels.size();
    }

    @Override
    public void add(int row, double times, double[] sums) {
      labels.count(truth[row], guesses[row], times, sums);
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
      var scores = new LabelScores(labels, zero, rows, sums);
      PrecisionRecallF1 macro = scores.macro();
      return new double[] {
        scores.accuracy(),
        macro.f1(),
        macro.precision(),
        macro.recall(),
        scores.micro().f1(),
        scores.weighted().f1(),
        scores.matthews(),
        scores.balancedAccuracy(),
        scores.kappa()
      };
    }
  }
}
