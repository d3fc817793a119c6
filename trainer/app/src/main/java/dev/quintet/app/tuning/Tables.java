package dev.quintet.app.tuning;

import dev.quintet.app.report.Block;
import dev.quintet.app.report.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/// The tables of a comparison, for the console and for the page.
///
/// @param comparison what was compared
record Tables(Comparison comparison) {
  private static final String NONE = "-";

  /// One of a task: a row a method.
  Block.Table task(Design.Task task) {
    var rows = new ArrayList<List<String>>();
    for (Design.Method method : comparison.design().methods()) {
      Optional<Cell> cell = comparison.cell(task.name(), method.name());
      if (cell.isEmpty()) {
        rows.add(List.of(method.name(), "failed", NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE));
        continue;
      }
      Cell one = cell.get();
      Optional<Speed> speed = comparison.speed(task.name(), method.name());
      rows.add(
          List.of(
              method.name(),
              number(one.score().value()),
              interval(one.score()),
              String.format(Locale.ROOT, "%,d", one.trained()),
              share(one.trained(), one.parameters()),
              one.peakBytes() == 0 ? NONE : Words.bytes(one.peakBytes()),
              Words.bytes(one.checkpointBytes()),
              String.format(Locale.ROOT, "%.1f ms", 1000 * one.stepSeconds()),
              speed.map(all -> until(all, all.steps(), "%,.0f")).orElse(NONE),
              speed.map(all -> until(all, all.seconds(), "%,.1f")).orElse(NONE)));
    }
    return new Block.Table(
        List.of(
            "method",
            task.score(),
            "95 %",
            "trained",
            "share",
            "peak memory",
            "checkpoint",
            "step",
            "steps to " + mark(),
            "seconds to " + mark()),
        rows,
        1);
  }

  /// The mean places, scores and speeds over all tasks.
  Block.Table overall() {
    List<Design.Task> tasks = comparison.design().tasks();
    var head = new ArrayList<>(List.of("method"));
    tasks.forEach(task -> head.add("place, " + task.name()));
    head.addAll(
        List.of("mean place", "mean score", "95 %", "came to " + mark(), "mean steps to it"));
    var rows = new ArrayList<List<String>>();
    for (Design.Method method : comparison.design().methods()) {
      var row = new ArrayList<>(List.of(method.name()));
      tasks.forEach(task -> row.add(place(comparison.rank(task.name(), method.name()), "%.1f")));
      row.add(place(comparison.rank(method.name()), "%.2f"));
      Optional<Score> score = comparison.overall(method.name());
      row.add(score.map(one -> number(one.value())).orElse(NONE));
      row.add(score.map(Tables::interval).orElse(NONE));
      Optional<Speed> speed = comparison.speed(method.name());
      row.add(speed.map(one -> one.reached() + " of " + one.of()).orElse(NONE));
      row.add(speed.map(one -> until(one, one.steps(), "%,.0f")).orElse(NONE));
      rows.add(row);
    }
    return new Block.Table(head, rows, 1);
  }

  /// The transfers of a method: a row a start, a column a task; each the score without a step and after some.
  Block.Table transfer(String method) {
    Design design = comparison.design();
    var head = new ArrayList<>(List.of("start"));
    design.tasks().forEach(task -> head.add("on " + task.name()));
    var rows = new ArrayList<List<String>>();
    for (Trial.Start start : design.starts()) {
      var row =
          new ArrayList<>(
              List.of(start.task().map(from -> "adapter of " + from).orElse("a new adapter")));
      for (Design.Task task : design.tasks()) {
        row.add(
            comparison
                .transfer(method, task.name(), start)
                .map(one ->
                    one.before().map(before -> number(before.value()) + " \u2192 ").orElse("")
                        + number(one.score().value()))
                .orElse(NONE));
      }
      rows.add(row);
    }
    return new Block.Table(head, rows, 1);
  }

  /// What failed; nothing where nothing did.
  Optional<String> failed() {
    List<Comparison.Failure> failures = comparison.failures();
    return failures.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "%,d %s failed and %s left out: %s"
                .formatted(
                    failures.size(),
                    failures.size() == 1 ? "training" : "trainings",
                    failures.size() == 1 ? "is" : "are",
                    failures.getFirst().trial().label()
                        + ": "
                        + failures.getFirst().reason()
                        + (failures.size() > 1 ? "; the others are in the journal" : "")));
  }

  String mark() {
    return String.format(Locale.ROOT, "%.0f %%", 100 * comparison.design().share());
  }

  /// A score in three digits behind the point, as far as it is no percentage.
  static String number(double value) {
    return Double.isNaN(value)
        ? "none"
        : String.format(Locale.ROOT, Math.abs(value) > 1.5 ? "%.1f" : "%.3f", value);
  }

  static String interval(Score score) {
    return number(score.low()) + " to " + number(score.high());
  }

  private static String share(long some, long all) {
    return String.format(Locale.ROOT, "%.2f %%", 100.0 * some / all);
  }

  private static String place(OptionalDouble place, String form) {
    return place.isPresent()
        ? String.format(Locale.ROOT, form, place.getAsDouble()).replaceAll("\\.0$", "")
        : NONE;
  }

  /// A mean that is at least so much where some never got there.
  private static String until(Speed speed, Score mean, String form) {
    return speed.reached() == 0
        ? "never"
        : (speed.reached() < speed.of() ? "\u2265 " : "")
            + String.format(Locale.ROOT, form, mean.value());
  }
}
