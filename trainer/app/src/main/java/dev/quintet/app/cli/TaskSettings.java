package dev.quintet.app.cli;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.data.Mixture;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.loop.Trainer;
import dev.quintet.trainer.prepare.DataReport;
import dev.quintet.trainer.prepare.Preparation;
import dev.quintet.trainer.prepare.TaskLeakage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// The settings of `train` that list several tasks to learn at once: `tasks`, and `mixture`, how they share the training.
///
/// Validation and test rows of all tasks are scored together; their column `task` says whose they are.
///
/// @param settings all of them
record TaskSettings(SettingsJson settings) {
  private static final List<String> KEYS =
      List.of("name", "train", "validation", "test", "data", "source_field", "target_field");

  /// Refuses what is wrong.
  void check() {
    JsonObject json = settings.json();
    for (String key :
        List.of("train", "validation", "test", "data", "source_field", "target_field")) {
      if (json.has(key)) {
        throw new IllegalArgumentException(
            "%s: the keys \"tasks\" and \"%s\" exclude each other; give it to each task"
                .formatted(json.source(), key));
      }
    }
    if (json.string("objective").filter(name -> !name.equals("seq2seq")).isPresent()) {
      throw json.wrong(
          "objective", "seq2seq where there are tasks", json.string("objective").get());
    }
    if (json.bool(TrainKey.PACKING.key()).orElse(false)) {
      throw json.wrong("packing", "false where there are tasks", true);
    }
    var names = new LinkedHashSet<String>();
    for (JsonObject task : tasks()) {
      SettingsJson.refuseUnknown(task, " in \"tasks\"", KEYS);
      String name = task.required("name", JsonObject::string);
      if (name.isBlank() || !names.add(name)) {
        throw task.wrong("name", "a name that no other task has", name);
      }
      new DataSettings(new SettingsJson(task)).check();
      if (task.object("data")
          .flatMap(data -> data.object("augment"))
          .flatMap(augment -> augment.bool("each_epoch"))
          .orElse(false)) {
        throw task.wrong(
            "data", "without \"each_epoch\" in \"augment\" in one of several tasks", "with it");
      }
      if (task.object("data").flatMap(data -> data.bool("stream")).orElse(false)) {
        throw task.wrong("data", "without \"stream\" in one of several tasks", "streamed");
      }
    }
    var _ = stride();
    JsonObject mixture = mixture();
    SettingsJson.refuseUnknown(mixture, " in \"mixture\"", List.of("limit", "temperature"));
    for (String key : mixture.keys()) {
      double number = mixture.required(key, JsonObject::number);
      if (!(number > 0 && number <= 1e15)) {
        throw mixture.wrong(key, "a number above 0", number);
      }
    }
  }

  /// Tokens that windows of long sources have in common, which tasks that have such do not differ in.
  OptionalInt stride() {
    var strides = new TreeSet<Integer>();
    for (JsonObject task : tasks()) {
      new DataSettings(new SettingsJson(task)).stride().ifPresent(strides::add);
    }
    if (strides.size() > 1) {
      throw settings
          .json()
          .wrong("tasks", "tasks whose \"stride\" is the same", strides.toString());
    }
    return strides.isEmpty() ? OptionalInt.empty() : OptionalInt.of(strides.first());
  }

  private JsonObject mixture() {
    JsonObject json = settings.json();
    return json.object("mixture").orElse(JsonObject.of(json.source(), Map.<String, Object>of()));
  }

  private List<JsonObject> tasks() {
    JsonObject json = settings.json();
    var tasks = new ArrayList<JsonObject>();
    for (Object task : json.required("tasks", JsonObject::list)) {
      if (!(task instanceof JsonObject object)) {
        throw json.wrong("tasks", "a list of objects, one a task", task);
      }
      tasks.add(JsonObject.of(json.source(), object.values()));
    }
    if (tasks.isEmpty()) {
      throw json.wrong("tasks", "a list of at least one task", "[]");
    }
    return tasks;
  }

  /// Gives a trainer the data of all tasks.
  ///
  /// @param out the folder of the run
  /// @param say told what went on the way
  void apply(Trainer trainer, Path out, Consumer<String> say) {
    var learn = new LinkedHashMap<String, Pairs>();
    var reports = new LinkedHashMap<String, DataReport>();
    var validation = new ArrayList<Sample>();
    var test = new ArrayList<Sample>();
    List<TaskLeakage.Task> tasks =
        tasks().stream()
            .map(task ->
                new DataSettings(new SettingsJson(task))
                    .task(task.required("name", JsonObject::string)))
            .toList();
    List<Preparation.Prepared> checked = TaskLeakage.checked(tasks);
    for (int i = 0; i < checked.size(); i++) {
      String name = tasks.get(i).name();
      Preparation.Prepared prepared = checked.get(i);
      learn.put(name, prepared.splits().train());
      reports.put(name, prepared.report());
      named(name, prepared.splits().validation()).forEach(validation::add);
      named(name, prepared.splits().test()).forEach(test::add);
    }
    trainer.listener(new DataReportFile(out.resolve(PartFiles.REPORT), reports, say));
    trainer
        .mixture(
            learn,
            mixture().number("limit").orElse((double) Mixture.LIMIT),
            mixture().number("temperature").orElse(1.0),
            Pairs.ofSamples(validation))
        .test(Pairs.ofSamples(test));
  }

  /// Samples that say whose they are.
  private static Stream<Sample> named(String task, Pairs pairs) {
    return pairs.samples().stream()
        .map(sample -> {
          var columns = new LinkedHashMap<>(sample.columns());
          columns.put("task", task);
          return new Sample(
              task + "/" + sample.id(),
              sample.source(),
              sample.answers(),
              columns,
              sample.passage());
        });
  }
}
