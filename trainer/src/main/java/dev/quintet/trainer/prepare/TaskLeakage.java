package dev.quintet.trainer.prepare;

import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.prepare.Preparation.Leakage;
import dev.quintet.trainer.prepare.Preparation.Prepared;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Whether one of several tasks learns from what another is scored on: from the same source, or nearly. Each task by itself
/// is looked at when it is prepared.
public final class TaskLeakage {
  private TaskLeakage() {}

  /// A task.
  ///
  /// @param name its name
  /// @param prepared its rows
  /// @param prefix what stands before each of its sources, and is not compared
  /// @param rule what becomes of its rows to train on that another is scored on
  public record Task(String name, Prepared prepared, String prefix, Leakage rule) {}

  /// The texts that a task is scored on.
  private record Scored(String task, Set<String> same, NearDuplicates near) {

    static Scored of(Task task) {
      var scored = new Scored(task.name, new HashSet<>(), new NearDuplicates());
      Pairs.Splits splits = task.prepared.splits();
      Stream.of(splits.validation(), splits.test())
          .flatMap(part -> part.samples().stream())
          .map(sample -> sample.source().substring(task.prefix.length()))
          .forEach(text -> {
            scored.same.add(NormalForm.of(text));
            scored.near.add(text);
          });
      return scored;
    }

    Optional<String> reason(String text) {
      return same.contains(NormalForm.of(text))
          ? Optional.of("training source in the validation or test part of " + task)
          : near.find(text).isPresent()
              ? Optional.of("training source nearly in the validation or test part of " + task)
              : Optional.empty();
    }
  }

  /// The tasks' rows without those that go, and each one's report with a stage that says what was found.
  ///
  /// @throws IllegalArgumentException if rows are found in a task that fails then, or nothing is left of one
  public static List<Prepared> checked(List<Task> tasks) {
    List<Scored> scored = tasks.stream().map(Scored::of).toList();
    var checked = new ArrayList<Prepared>();
    for (int i = 0; i < tasks.size(); i++) {
      var others = new ArrayList<>(scored);
      others.remove(i);
      checked.add(checked(tasks.get(i), others));
    }
    return checked;
  }

  private static Prepared checked(Task task, List<Scored> others) {
    var stage = new Stage("leakage between tasks");
    var kept = new ArrayList<Sample>();
    Pairs.Splits splits = task.prepared.splits();
    for (Sample sample : splits.train().samples()) {
      stage.came();
      String text = sample.source().substring(task.prefix.length());
      Optional<String> reason =
          others.stream().flatMap(other -> other.reason(text).stream()).findFirst();
      reason.ifPresent(why -> stage.met(why, sample.id(), sample.source()));
      if (reason.isEmpty() || task.rule != Leakage.DROP) {
        stage.stayed();
        kept.add(sample);
      }
    }
    refuse(task, stage, kept);
    return new Prepared(
        new Pairs.Splits(Pairs.ofSamples(kept), splits.validation(), splits.test()),
        task.prepared.report().with(stage, List.of()),
        task.prepared.copies());
  }

  private static void refuse(Task task, Stage stage, List<Sample> kept) {
    long found = stage.reasons().values().stream().mapToLong(Long::longValue).sum();
    if (found > 0 && task.rule == Leakage.FAIL) {
      String reason = stage.reasons().keySet().iterator().next();
      throw new IllegalArgumentException(
          "the task \"%s\": %,d rows to train on are scored in another task, or nearly (%s); remove them, or set \"leakage\" to drop or allow"
              .formatted(task.name, found, stage.examples(reason).getFirst()));
    }
    if (kept.isEmpty()) {
      throw new IllegalArgumentException(
          "the task \"%s\": no rows are left to train on: each is in the validation or test part of another task; the key \"leakage\" says what becomes of such"
              .formatted(task.name));
    }
  }
}
