package dev.quintet.app.tuning;

import dev.quintet.models.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/// What the trainings of a [Design] came to, put side by side.
///
/// All of it is computed from the results; what failed is left out, and [#failures] says so.
public final class Comparison {
  private final Design design;
  private final List<TrialResult> results;
  private final List<Failure> failures;

  /// @param results of all trainings that ended
  /// @param failures of those that did not
  public Comparison(Design design, List<TrialResult> results, List<Failure> failures) {
    this.design = design;
    this.results = List.copyOf(results);
    this.failures = List.copyOf(failures);
  }

  /// A training that came to nothing.
  ///
  /// @param trial which
  /// @param reason why
  public record Failure(Trial trial, String reason) {

    /// As a line of the journal.
    public Map<String, Object> json() {
      var json = new LinkedHashMap<>(trial.json());
      json.put("failed", reason);
      return json;
    }

    /// Reads a line of the journal.
    ///
    /// @throws IllegalArgumentException if something is missing
    public static Failure of(JsonObject json) {
      return new Failure(Trial.of(json), json.required("failed", JsonObject::string));
    }
  }

  /// What is compared.
  public Design design() {
    return design;
  }

  /// What came to nothing.
  public List<Failure> failures() {
    return failures;
  }

  /// The trainings of a method on a task, transfers apart, by seed.
  List<TrialResult> trials(String task, String method) {
    return results.stream()
        .filter(one -> one.trial().start().isEmpty())
        .filter(one -> one.trial().task().equals(task) && one.trial().method().equals(method))
        .sorted(Comparator.comparingLong(one -> one.trial().seed()))
        .toList();
  }

  /// What a method came to on a task; nothing where all its trainings failed.
  public Optional<Cell> cell(String task, String method) {
    List<TrialResult> trials = trials(task, method);
    if (trials.isEmpty()) {
      return Optional.empty();
    }
    TrialResult one = trials.getFirst();
    return Optional.of(
        new Cell(
            Score.mean(trials.stream().map(TrialResult::score).toList()),
            trials.size(),
            one.trained(),
            one.parameters(),
            trials.stream().mapToLong(TrialResult::peakBytes).max().orElse(0),
            (long) trials.stream().mapToLong(TrialResult::checkpointBytes).average().orElse(0),
            (long) trials.stream().mapToLong(TrialResult::modelBytes).average().orElse(0),
            trials.stream().mapToDouble(TrialResult::stepSeconds).average().orElse(0),
            trials.stream().mapToLong(TrialResult::steps).average().orElse(0)));
  }

  /// A method's mean score over all tasks, each turned so that more is better; nothing where one is missing.
  public Optional<Score> overall(String method) {
    List<Score> scores =
        design.tasks().stream()
            .flatMap(task ->
                cell(task.name(), method).stream()
                    .map(cell -> task.higherIsBetter() ? cell.score() : cell.score().negated()))
            .toList();
    return scores.size() == design.tasks().size()
        ? Optional.of(Score.mean(scores))
        : Optional.empty();
  }

  /// A method's place on a task, 1 for the best; equal scores share the mean of their places.
  public OptionalDouble rank(String task, String method) {
    Optional<Cell> cell = cell(task, method);
    if (cell.isEmpty()) {
      return OptionalDouble.empty();
    }
    boolean higher = design.task(task).higherIsBetter();
    double value = cell.get().score().value();
    double better = 0;
    double equal = 0;
    for (Design.Method other : design.methods()) {
      Optional<Cell> others = cell(task, other.name());
      if (!other.name().equals(method) && others.isPresent()) {
        double score = others.get().score().value();
        equal += score == value ? 1 : 0;
        better += score != value && score > value == higher ? 1 : 0;
      }
    }
    return OptionalDouble.of(1 + better + equal / 2);
  }

  /// A method's mean place over the tasks that it has a score on.
  public OptionalDouble rank(String method) {
    return design.tasks().stream()
        .flatMapToDouble(task -> rank(task.name(), method).stream())
        .average();
  }

  /// The mark that trainings of a task and seed are to come up to: a share of the best validation score of the reference; nothing
  /// where it has none above zero.
  Optional<Double> mark(String task, long seed) {
    boolean higher = design.task(task).higherIsBetter();
    return trials(task, design.reference()).stream()
        .filter(one -> one.trial().seed() == seed)
        .flatMap(one -> best(one.curve(), higher).stream())
        .filter(best -> best > 0)
        .findFirst()
        .map(best -> higher ? best * design.share() : best / design.share());
  }

  private static Optional<Double> best(List<Point> curve, boolean higher) {
    Stream<Double> scores = curve.stream().map(Point::score).filter(Double::isFinite);
    return higher ? scores.max(Comparator.naturalOrder()) : scores.min(Comparator.naturalOrder());
  }

  /// Where a training came up to its mark; nothing where it never did.
  Optional<Point> reached(TrialResult trial, double mark) {
    boolean higher = design.task(trial.trial().task()).higherIsBetter();
    return trial.curve().stream()
        .filter(point -> higher ? point.score() >= mark : point.score() <= mark)
        .findFirst();
  }

  /// How soon a method comes up to the marks of a task; nothing where there are none.
  public Optional<Speed> speed(String task, String method) {
    return speed(List.of(task), method);
  }

  /// How soon a method comes up to the marks of all tasks.
  public Optional<Speed> speed(String method) {
    return speed(design.tasks().stream().map(Design.Task::name).toList(), method);
  }

  private Optional<Speed> speed(List<String> tasks, String method) {
    var steps = new ArrayList<Double>();
    var seconds = new ArrayList<Double>();
    int reached = 0;
    for (String task : tasks) {
      long longest =
          design.methods().stream()
              .flatMap(one -> trials(task, one.name()).stream())
              .mapToLong(TrialResult::steps)
              .max()
              .orElse(0);
      for (TrialResult trial : trials(task, method)) {
        Optional<Double> mark = mark(task, trial.trial().seed());
        if (mark.isEmpty()) {
          continue;
        }
        Optional<Point> point = reached(trial, mark.get());
        reached += point.isPresent() ? 1 : 0;
        steps.add(point.map(one -> (double) one.step()).orElse((double) longest));
        seconds.add(point.map(Point::seconds).orElse(longest * trial.stepSeconds()));
      }
    }
    return steps.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Speed(reached, steps.size(), Score.ofNumbers(steps), Score.ofNumbers(seconds)));
  }

  /// A transfer.
  ///
  /// @param start where it started
  public Optional<TrialResult> transfer(String method, String task, Trial.Start start) {
    return results.stream()
        .filter(one ->
            one.trial().start().equals(Optional.of(start))
                && one.trial().method().equals(method)
                && one.trial().task().equals(task))
        .findFirst();
  }

  /// The methods of a kind, in the order of the design.
  List<String> ofKind(String kind) {
    return design.methods().stream()
        .filter(method -> method.kind().equals(kind))
        .map(Design.Method::name)
        .toList();
  }
}
