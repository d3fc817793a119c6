package dev.quintet.trainer.loop;

import dev.quintet.trainer.data.Examples;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.data.Windows;
import java.util.List;
import java.util.Optional;

/// A part of a run's data as token ids, with what is known of it.
///
/// @param examples the ids
/// @param part what was cut on the way
/// @param tasks where several are learned
/// @param windows of each sample that is answered; empty where each is its own
/// @param rows the number of the row that each example is of; empty where each is its own
record PreparedPart(
    Examples examples,
    TrainingData.Part part,
    Optional<TaskShares> tasks,
    List<List<Sample>> windows,
    List<Integer> rows) {

  PreparedPart(Examples examples, TrainingData.Part part) {
    this(examples, part, Optional.empty(), List.of(), List.of());
  }

  static PreparedPart nothing() {
    return of(Examples.of(List.of()));
  }

  static PreparedPart of(Examples examples) {
    return new PreparedPart(
        examples, new TrainingData.Part(examples.size(), Optional.empty(), Optional.empty()));
  }

  PreparedPart with(Examples others) {
    return new PreparedPart(others, part, tasks, windows, rows);
  }

  PreparedPart withTasks(Examples mixed, TaskShares shares) {
    return new PreparedPart(mixed, part, Optional.of(shares), windows, rows);
  }

  /// These examples, of which some are windows of a row.
  PreparedPart withWindows(List<List<Sample>> each, List<Integer> ofRows, Windows.Counts counts) {
    return new PreparedPart(
        examples,
        new TrainingData.Part(
            counts.rows(), part.sources(), part.targets(), part.packed(), Optional.of(counts)),
        tasks,
        each,
        ofRows);
  }

  /// How many examples there are of some rows.
  ///
  /// @param from the first row
  /// @param to behind the last
  int examples(int from, int to) {
    return rows.isEmpty()
        ? to - from
        : (int) rows.stream().filter(row -> row >= from && row < to).count();
  }

  /// The sources by which samples are answered.
  ///
  /// @param samples all of the part
  /// @param chosen which of them
  List<List<String>> questions(List<Sample> samples, List<Integer> chosen) {
    return chosen.stream()
        .map(i -> windows.isEmpty() ? List.of(samples.get(i)) : windows.get(i))
        .map(own -> own.stream().map(Sample::source).toList())
        .toList();
  }
}
