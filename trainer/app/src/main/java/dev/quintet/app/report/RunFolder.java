package dev.quintet.app.report;

import dev.quintet.core.io.MalformedFileException;
import dev.quintet.models.adapt.AdapterBase;
import dev.quintet.models.adapt.AdapterFolder;
import dev.quintet.models.json.JsonObject;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.evaluate.ErrorAnalysis.Measure;
import dev.quintet.trainer.evaluate.Prediction;
import dev.quintet.trainer.evaluate.Predictions;
import dev.quintet.trainer.metric.Metric;
import dev.quintet.trainer.score.Metrics;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.stream.Stream;

/// What a run has left in its folder; all of it may be missing but `run.json`, since a run may end at any time.
///
/// @param path the folder
/// @param history settings, starts and ends
/// @param data how the rows were prepared
/// @param test what the best model made of the test part
/// @param course the log
record RunFolder(
    Path path,
    JsonObject history,
    Optional<JsonObject> data,
    Optional<JsonObject> test,
    RunCourse course) {
  private static final JsonObject NOTHING = JsonObject.of(Map.of());

  /// Reads a folder.
  ///
  /// @throws IllegalArgumentException if it is no folder, or none of a run
  static RunFolder read(Path path) {
    if (!Files.isDirectory(path)) {
      throw new IllegalArgumentException(
          "there is no folder " + path + " to report on: name the \"out\" of a training");
    }
    if (!Files.exists(path.resolve("run.json"))) {
      throw new IllegalArgumentException(
          path
              + " is no folder of a run, it has no run.json: name the \"out\" of a training that has begun");
    }
    return new RunFolder(
        path,
        json(path, RunHistory.FILE).orElse(NOTHING),
        json(path, "data.json"),
        json(path, "test.json"),
        RunCourse.of(path));
  }

  private static Optional<JsonObject> json(Path folder, String name) {
    Path file = folder.resolve(name);
    return Files.isRegularFile(file) ? Optional.of(JsonObject.read(file)) : Optional.empty();
  }

  /// The settings, as `train` takes them; empty where nothing recorded them.
  JsonObject settings() {
    return history.object("settings").orElse(NOTHING);
  }

  /// The processes that worked on it, in their order.
  List<JsonObject> starts() {
    return history.list("starts").orElse(List.of()).stream()
        .flatMap(item -> item instanceof JsonObject start ? Stream.of(start) : Stream.empty())
        .toList();
  }

  /// What the last process knew.
  JsonObject lastStart() {
    List<JsonObject> starts = starts();
    return starts.isEmpty() ? NOTHING : starts.getLast();
  }

  /// The score by which the best model was chosen.
  String select() {
    return settings().string("select").orElse("");
  }

  /// The metrics that answers were put to, by name; the one of the score that chooses the best model comes first.
  SequencedMap<String, Metric> metrics() {
    List<?> asked =
        settings()
            .object("evaluate")
            .flatMap(evaluate -> evaluate.list("metrics"))
            .orElse(List.of());
    var metrics = new LinkedHashMap<String, Metric>();
    for (Object item : asked) {
      String name =
          item instanceof JsonObject object
              ? object.string("name").orElse("metric")
              : String.valueOf(item);
      String free = name;
      for (int i = 2; metrics.containsKey(free); i++) {
        free = name + " " + i;
      }
      metrics.put(free, Metrics.of(List.of(item)).getFirst());
    }
    metrics.entrySet().stream()
        .filter(metric -> metric.getValue().names().contains(select()))
        .findFirst()
        .map(metric -> Map.entry(metric.getKey(), metric.getValue()))
        .ifPresent(first -> metrics.putFirst(first.getKey(), first.getValue()));
    return metrics;
  }

  /// The answers of an evaluation: a step, or `test`. Nothing where they are not there.
  Optional<List<Prediction>> predictions(String name) {
    Path file = path.resolve("predictions-" + name + ".jsonl");
    return Files.isRegularFile(file)
        ? Optional.of(Predictions.read(file)).filter(rows -> !rows.isEmpty())
        : Optional.empty();
  }

  /// The answers of the best model to validation rows, or the newest where the best were not kept.
  Optional<List<Prediction>> bestValidation() {
    List<RunCourse.Evaluated> evaluations = course.evaluations();
    return course
        .best()
        .flatMap(best -> predictions(String.valueOf(best.step())))
        .or(() ->
            evaluations.isEmpty()
                ? Optional.empty()
                : predictions(String.valueOf(evaluations.getLast().step())));
  }

  /// Answers of baselines to these rows, by name.
  SequencedMap<String, List<String>> baselines(List<Sample> rows) {
    return BaselineAnswers.read(path, rows);
  }

  /// The folder of a model as a whole: of an adapter that of its base.
  private static Path whole(Path model) {
    return AdapterFolder.holdsAdapter(model)
        ? AdapterBase.required(model, "the report needs its tokenizer")
        : model;
  }

  /// How lengths are measured: in tokens of the run's tokenizer where a model was saved, else in words.
  Measure measure() {
    for (String model : List.of("best", "last")) {
      try {
        if (Files.isDirectory(path.resolve(model))) {
          Tokenizer tokenizer = Tokenizer.loadT5(whole(path.resolve(model)));
          return new Measure(
              "tokens",
              text -> tokenizer.encodeToIds(text, true).length,
              OptionalInt.of(settings().integer("max_source").orElse(512)),
              settings().has("head")
                  ? OptionalInt.empty()
                  : OptionalInt.of(settings().integer("max_target").orElse(128)));
        }
      } catch (IllegalArgumentException | MalformedFileException | UncheckedIOException e) {
        System.err.println(
            "lengths are counted in words: no tokenizer in " + path.resolve(model) + ": " + e);
      }
    }
    return Measure.WORDS;
  }
}
