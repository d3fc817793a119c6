package dev.quintet.app.cli;

import dev.quintet.app.tuning.Design;
import dev.quintet.app.tuning.Trial;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.metric.Metric;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/// The settings of `compare-tuning`: those of `train` that all trainings share, and what changes for each task and each method.
///
/// @param json the file
/// @param train what all trainings share
/// @param tasks what changes for each
/// @param methods the same
record TuningSettings(
    JsonObject json,
    JsonObject train,
    SequencedMap<String, JsonObject> tasks,
    SequencedMap<String, JsonObject> methods) {
  /// The keys of the file, and what each takes and means.
  static final SequencedMap<String, String> KEYS = keys();

  static final String MINUTES = "minutes";

  private static final double SHARE = 0.95;
  private static final int TRANSFER_STEPS = 20;

  private static SequencedMap<String, String> keys() {
    var keys = new LinkedHashMap<String, String>();
    keys.put(
        "train",
        "an object or a file: the settings of train that all trainings share, with model, the base; without out and seed");
    keys.put(
        "tasks",
        "an object: each task's name with what changes for it, such as train, validation, test, data, evaluate and select, the"
            + " score that counts; its recipe may give the rest");
    keys.put(
        "methods",
        "a list of names, or an object: each method's name with what changes for it, such as freeze, adapter or learning_rate."
            + " Known by name, so that nothing need be said: "
            + String.join(", ", KnownMethods.all())
            + ". Default: "
            + String.join(", ", KnownMethods.STANDARD));
    keys.put("seeds", "a list of whole numbers: one training each. Default: [0, 1]");
    keys.put("out", "a folder, for everything that is written");
    keys.put(
        "reference",
        "a method: a share of its best validation score is the mark of convergence. Default: full, else the first");
    keys.put("share", "a number above 0 and at most 1: that share. Default: 0.95");
    keys.put(
        "transfer",
        "an object: {\"methods\": [...], \"steps\": 20} starts these methods on each task from what they learned on each other,"
            + " and scores them without a step and after so many. Default: none");
    keys.put(
        MINUTES,
        "a number: a few steps of each task and method are timed, and steps are lowered until all fits. Default: steps stay");
    keys.put("keep", "all, best or none: what stays of trainings' folders. Default: best");
    return keys;
  }

  /// Checks settings.
  ///
  /// @throws IllegalArgumentException that names the key that is wrong
  static TuningSettings of(JsonObject json) {
    SubjectKeys.refuseUnknown(json, KEYS, "compare-tuning");
    JsonObject train = SubjectKeys.train(json, false);
    TuningLayers.refuse(json, "train", train, List.of("seed", "test", "config", "warm_start"));
    String base =
        train
            .string("model")
            .orElseThrow(() ->
                new IllegalArgumentException(
                    json.source()
                        + ": the settings of train need the key \"model\": the base that all methods tune"));
    var settings =
        new TuningSettings(
            json,
            train,
            TuningLayers.tasks(json),
            TuningLayers.methods(json, KnownMethods.of(Path.of(base))));
    settings.check();
    return settings;
  }

  private void check() {
    Design design = design();
    out();
    keep();
    minutes();
    for (Trial trial : design.trials()) {
      if (trial.start().isPresent() || trial.seed() != design.seeds().getFirst()) {
        continue;
      }
      JsonObject settings = settings(trial);
      for (String part : List.of("train", "validation", "test")) {
        if (!settings.has(part)) {
          throw new IllegalArgumentException(
              "%s: the task \"%s\" needs the key \"%s\": rows to %s"
                  .formatted(
                      json.source(),
                      trial.task(),
                      part,
                      switch (part) {
                        case "train" -> "learn from";
                        case "validation" -> "choose the best model by";
                        default -> "score it on";
                      }));
        }
      }
      try {
        TrainSettings.of(settings);
        requireFiles(settings);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "the method \"%s\" on the task \"%s\": %s"
                .formatted(trial.method(), trial.task(), e.getMessage()),
            e);
      }
    }
  }

  /// Refuses files that are not there, before hours are spent on other tasks; patterns and folders are looked into later.
  private static void requireFiles(JsonObject settings) {
    for (String part : List.of("train", "validation", "test")) {
      for (String name : PreparationSettings.names(settings, part).orElse(List.of())) {
        if (!name.matches(".*[*?\\[{].*") && !Files.exists(Path.of(name))) {
          throw settings.wrong(part, "a file that is there", name);
        }
      }
    }
  }

  Path out() {
    return SubjectKeys.out(json);
  }

  SearchSettings.Keep keep() {
    return SearchSettings.word(json, "keep", SearchSettings.Keep.class, SearchSettings.Keep.BEST);
  }

  /// What all of it may take; nothing where nobody has said it.
  Optional<Double> minutes() {
    Optional<Double> minutes = json.number(MINUTES);
    minutes
        .filter(all -> !(all > 0 && all <= 1_000_000))
        .ifPresent(all -> {
          throw json.wrong(MINUTES, "a number above 0 and at most 1,000,000", all);
        });
    return minutes;
  }

  /// What is compared.
  Design design() {
    var kinds = new ArrayList<Design.Method>();
    methods.forEach((name, settings) -> kinds.add(new Design.Method(name, kind(settings))));
    var scored = new ArrayList<Design.Task>();
    tasks.forEach((name, task) -> scored.add(task(name)));
    String first = methods.containsKey("full") ? "full" : methods.firstEntry().getKey();
    return new Design(kinds, scored, seeds(), method("reference", first), share(), transfer());
  }

  /// What of the model a method trains.
  private static String kind(JsonObject settings) {
    return switch (settings.value("adapter").orElse("")) {
      case String none when none.isEmpty() ->
          settings.has("freeze") || settings.has("unfreeze")
              ? Design.Method.PART
              : Design.Method.FULL;
      case String method -> method;
      case JsonObject adapter -> adapter.required("method", JsonObject::string);
      case Object other ->
          throw settings.wrong("adapter", "a method's name, or an object with it", other);
    };
  }

  private Design.Task task(String name) {
    SearchedScore score = score(name);
    return new Design.Task(name, score.name(), score.higherIsBetter());
  }

  /// The score by which a task's methods are compared.
  private SearchedScore score(String task) {
    JsonObject settings = ofTask(task);
    var score = SearchedScore.of(JsonObject.of(json.source(), Map.<String, Object>of()), settings);
    if (score.name().equals("loss")) {
      throw new IllegalArgumentException(
          "%s: the task \"%s\" needs the key \"select\" with a score of its \"metrics\": methods are compared by it"
              .formatted(json.source(), task));
    }
    return score;
  }

  /// The metric that has a task's score.
  Metric metric(String task) {
    String name = score(task).name();
    return EvaluateSettings.metrics(ofTask(task)).stream()
        .filter(metric -> metric.names().contains(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no metric has the score " + name));
  }

  private JsonObject ofTask(String task) {
    return Overrides.over(train, tasks.getOrDefault(task, train));
  }

  private List<Long> seeds() {
    var seeds = new ArrayList<Long>();
    for (Object seed : json.list("seeds").orElse(List.of(0L, 1L))) {
      if (!(seed instanceof Long whole) || seeds.contains(whole)) {
        throw json.wrong("seeds", "a list of different whole numbers", seed);
      }
      seeds.add(whole);
    }
    if (seeds.isEmpty()) {
      throw json.wrong("seeds", "at least one seed", "none");
    }
    return seeds;
  }

  private String method(String key, String otherwise) {
    return named(json, key, json.string(key).orElse(otherwise));
  }

  private String named(JsonObject where, String key, String method) {
    if (!methods.containsKey(method)) {
      throw where.wrong(key, "one of the methods " + String.join(", ", methods.keySet()), method);
    }
    return method;
  }

  private double share() {
    double share = json.number("share").orElse(SHARE);
    if (!(share > 0 && share <= 1)) {
      throw json.wrong("share", "a number above 0 and at most 1", share);
    }
    return share;
  }

  private Optional<Design.Transfer> transfer() {
    return json.object("transfer")
        .map(transfer -> {
          SettingsJson.refuseUnknown(transfer, " in \"transfer\"", List.of("methods", "steps"));
          var carried = new ArrayList<String>();
          for (Object method : transfer.required("methods", JsonObject::list)) {
            carried.add(named(transfer, "methods", String.valueOf(method)));
          }
          if (carried.isEmpty() || new HashSet<>(carried).size() < carried.size()) {
            throw transfer.wrong("methods", "a list of different methods", carried);
          }
          if (tasks.size() < 2) {
            throw json.wrong("transfer", "at least two tasks to carry something between", transfer);
          }
          int steps = transfer.integer("steps").orElse(TRANSFER_STEPS);
          if (steps < 1) {
            throw transfer.wrong("steps", "at least 1", steps);
          }
          return new Design.Transfer(carried, steps);
        });
  }

  /// The settings of a training.
  JsonObject settings(Trial trial) {
    JsonObject settings =
        Overrides.over(ofTask(trial.task()), methods.getOrDefault(trial.method(), train))
            .with("seed", trial.seed());
    if (trial.start().isEmpty()) {
      return settings;
    }
    // The rows of the test are asked before the first step and after the last; nothing is chosen by
    // the answers.
    long steps = transfer().map(Design.Transfer::steps).orElse((long) TRANSFER_STEPS);
    var values = new TreeMap<>(settings.values());
    List.of("test", "patience", "epochs", "warmup", "min_delta").forEach(values::remove);
    values.put("validation", settings.value("test").orElseThrow());
    values.put("steps", steps);
    values.put("evaluate_every", steps);
    settings
        .object("evaluate")
        .ifPresent(evaluate -> {
          var all = new TreeMap<>(evaluate.values());
          all.remove("examples");
          values.put("evaluate", JsonObject.of(evaluate.source(), all));
        });
    trial.source().ifPresent(source -> values.put("warm_start", source.folder(out()).toString()));
    return JsonObject.of(settings.source(), values);
  }

  /// The same with fewer steps, evaluated as often, with as large a share of them on the way up.
  TuningSettings withSteps(long steps, long evaluateEvery) {
    JsonObject shorter = train.with("steps", steps).with("evaluate_every", evaluateEvery);
    Optional<Long> before = train.whole("steps");
    Optional<Long> warmup = train.whole("warmup");
    if (before.isPresent() && warmup.isPresent()) {
      shorter = shorter.with("warmup", warmup.get() * steps / before.get());
    }
    return new TuningSettings(json, shorter, without(tasks), without(methods));
  }

  private static SequencedMap<String, JsonObject> without(
      SequencedMap<String, JsonObject> settings) {
    var fewer = new LinkedHashMap<String, JsonObject>();
    settings.forEach((name, one) -> {
      var values = new TreeMap<>(one.values());
      List.of("steps", "epochs", "evaluate_every").forEach(values::remove);
      fewer.put(name, JsonObject.of(one.source(), values));
    });
    return fewer;
  }

  /// What has to be the same when a comparison goes on.
  SequencedMap<String, Object> record() {
    var record = new LinkedHashMap<String, Object>();
    json.keysAsWritten().stream()
        .filter(key -> !List.of("out", "keep", "train", "tasks", "methods").contains(key))
        .forEach(key -> record.put(key, json.value(key).orElseThrow()));
    record.put("train", train.values());
    record.put("tasks", tasks);
    record.put("methods", methods);
    return record;
  }
}
