package dev.quintet.app.tuning;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What is compared: each method on each task with each seed, and which of them are carried from task to task.
///
/// @param methods the ways to tune, at least one
/// @param tasks what is learned, at least one
/// @param seeds of the trainings, at least one
/// @param reference the method whose score sets the mark of convergence
/// @param share of the reference's best score that has to be reached, such as 0.95
/// @param transfer what is carried over; nothing where nothing is
public record Design(
    List<Method> methods,
    List<Task> tasks,
    List<Long> seeds,
    String reference,
    double share,
    Optional<Transfer> transfer) {

  /// Copies the lists.
  public Design {
    methods = List.copyOf(methods);
    tasks = List.copyOf(tasks);
    seeds = List.copyOf(seeds);
  }

  /// A way to tune.
  ///
  /// @param name for people and folders
  /// @param kind what of the model it trains: [#FULL], [#PART], or the method of its adapter, such as `lora`
  public record Method(String name, String kind) {
    /// The kind of a method that trains all weights.
    public static final String FULL = "full";

    /// The kind of one that freezes some of the base's weights and adds none.
    public static final String PART = "part";
  }

  /// What is learned.
  ///
  /// @param name for people and folders
  /// @param score by which methods are compared, such as `rougeL`
  /// @param higherIsBetter whether more of it is better
  public record Task(String name, String score, boolean higherIsBetter) {}

  /// What is carried from task to task.
  ///
  /// @param methods their names
  /// @param steps how many follow on the new task
  public record Transfer(List<String> methods, long steps) {

    /// Copies the list.
    public Transfer {
      methods = List.copyOf(methods);
    }
  }

  /// All trainings in the order in which they run: seed after seed, so that what is there early covers all tasks and methods;
  /// then those that start from another's end.
  public List<Trial> trials() {
    var trials = new ArrayList<Trial>();
    for (long seed : seeds) {
      for (Task task : tasks) {
        for (Method method : methods) {
          trials.add(new Trial(task.name(), method.name(), seed, Optional.empty()));
        }
      }
    }
    for (String method : transfer.map(Transfer::methods).orElse(List.of())) {
      for (Task task : tasks) {
        for (Trial.Start start : starts()) {
          trials.add(new Trial(task.name(), method, seeds.getFirst(), Optional.of(start)));
        }
      }
    }
    return trials;
  }

  /// Where transfers start: afresh, and from each task.
  List<Trial.Start> starts() {
    return Stream.concat(
            Stream.of(Trial.Start.AFRESH),
            tasks.stream().map(task -> new Trial.Start(Optional.of(task.name()))))
        .toList();
  }

  /// A task by its name.
  ///
  /// @throws IllegalArgumentException if there is none
  public Task task(String name) {
    return tasks.stream()
        .filter(task -> task.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no task \"" + name + "\""));
  }
}
