package dev.quintet.app.report;

import dev.quintet.core.io.JsonText;
import dev.quintet.models.adapt.AdapterFolder;
import dev.quintet.models.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The run itself: how it went, its settings, its processes and where they ran.
///
/// @param folder the run's
record RunPart(RunFolder folder) {
  private static final Map<String, String> NAMES =
      Map.of(
          "version", "version",
          "device", "device",
          "computes", "computes with",
          "backends", "what was found",
          "threads", "threads",
          "processors", "processors",
          "heap_bytes", "Java's heap, bytes",
          "java", "Java",
          "system", "system");

  /// How it ended, in a sentence.
  String state() {
    Optional<JsonObject> end = folder.lastStart().object("end");
    String steps =
        "%s of %s steps"
            .formatted(
                Words.count(folder.course().steps()),
                folder.lastStart().whole("steps").map(Words::count).orElse("?"));
    if (folder.starts().isEmpty()) {
      return "How it ended is not known, since nothing recorded it; the log has " + steps + ".";
    }
    return switch (end.flatMap(json -> json.string("how")).orElse("")) {
      case "complete" -> "Finished: " + steps + ".";
      case "no_progress" ->
          "Ended early, since no evaluation had made progress for long: " + steps + ".";
      case "callback" -> "Ended early, as a callback asked: " + steps + ".";
      case "stopped" -> "Stopped before its end, after %s; it can be resumed.".formatted(steps);
      case "failed" ->
          "Failed after %s: %s"
              .formatted(steps, end.flatMap(json -> json.string("message")).orElse("?"));
      default -> "Without an end: it was killed, or still runs; the log has " + steps + ".";
    };
  }

  /// Whether it did all that it was to do.
  boolean isWhole() {
    return List.of("complete", "no_progress", "callback")
        .contains(folder.lastStart().object("end").flatMap(end -> end.string("how")).orElse(""));
  }

  /// What was trained, by numbers.
  Block overview() {
    JsonObject settings = folder.settings();
    RunCourse course = folder.course();
    var rows = new ArrayList<List<String>>();
    settings.value("recipe").ifPresent(recipe -> rows.add(List.of("recipe", recipe.toString())));
    rows.add(
        List.of(
            "model",
            settings
                .string("model")
                .orElseGet(
                    () -> settings.has("config") ? "made anew from config" : "not recorded")));
    JsonObject start = folder.lastStart();
    adapter(rows, settings, start);
    start
        .whole("trainable")
        .ifPresent(count ->
            rows.add(
                List.of(
                    "parameters that train, and frozen",
                    Words.count(count) + ", " + Words.count(start.whole("frozen").orElse(0L)))));
    for (String part : List.of("training", "validation")) {
      start
          .object(part)
          .flatMap(json -> json.whole("rows"))
          .ifPresent(count -> rows.add(List.of(part + " rows", Words.count(count))));
    }
    folder
        .test()
        .flatMap(test -> test.whole("rows"))
        .ifPresent(count -> rows.add(List.of("test rows", Words.count(count))));
    rows.add(
        List.of("seed", settings.value("seed").map(Object::toString).orElse("0, as none was set")));
    rows.add(List.of("tokens trained on", Words.count(course.tokens())));
    rows.add(List.of("time in steps", Words.duration(course.seconds())));
    if (course.seconds() > 0) {
      rows.add(
          List.of("tokens a second", Words.count(Math.round(course.tokens() / course.seconds()))));
    }
    course
        .memory()
        .ifPresent(bytes -> rows.add(List.of("peak memory of tensors", Words.bytes(bytes))));
    rows.add(
        List.of(
            "training loss, first step and last",
            Words.score(course.firstLoss()) + ", " + Words.score(course.lastLoss())));
    course
        .best()
        .ifPresent(best -> {
          rows.add(List.of("best model after step", Words.count(best.step())));
          rows.add(List.of("its validation loss", Words.score(best.loss())));
        });
    rows.add(
        List.of(
            "steps that changed nothing (loss or gradient not finite)",
            Words.count(course.notFinite())));
    return new Block.Table(List.of("what", "value"), rows, 2);
  }

  /// What an adapter is, how small, and how large its files are.
  private void adapter(List<List<String>> rows, JsonObject settings, JsonObject start) {
    settings
        .value("adapter")
        .ifPresent(value -> {
          String method =
              value instanceof JsonObject object
                  ? object.string("method").orElse("?")
                  : value.toString();
          rows.add(List.of("adapter", method));
          start
              .whole("trainable")
              .ifPresent(count -> {
                double all = count + start.whole("frozen").orElse(0L);
                rows.add(
                    List.of(
                        "share of the parameters that trains",
                        String.format(Locale.ROOT, "%.2f %%", 100 * count / all)));
              });
          Path weights = new AdapterFolder(folder.path().resolve("best")).weights();
          if (Files.isRegularFile(weights)) {
            try {
              rows.add(List.of("the best adapter's weights", Words.bytes(Files.size(weights))));
            } catch (IOException e) {
              throw new UncheckedIOException("cannot read " + weights + ": " + e, e);
            }
          }
        });
  }

  /// All settings.
  List<Block> settings() {
    JsonObject settings = folder.settings();
    if (settings.keys().isEmpty()) {
      return List.of(
          new Block.Text(
              "The settings are not recorded: the run began without history.json; run.json has a fingerprint of what decided it."));
    }
    var rows =
        settings.keysAsWritten().stream()
            .map(key -> List.of(key, plain(settings.value(key).orElse(""))))
            .toList();
    return List.of(
        new Block.Folded(
            "All %d settings that were given; what is not named has the default of train --help"
                .formatted(rows.size()),
            List.of(new Block.Table(List.of("key", "value"), rows, 2))),
        new Block.Folded(
            "The same as a file that train takes",
            List.of(new Block.Source(JsonText.of(settings)))));
  }

  private static String plain(Object value) {
    return value instanceof String text ? text : JsonText.of(value);
  }

  /// Each process that worked on it.
  List<Block> environment() {
    var blocks = new ArrayList<Block>();
    List<JsonObject> starts = folder.starts();
    if (starts.isEmpty()) {
      blocks.add(new Block.Text("Where it ran is not recorded."));
    }
    if (starts.size() > 1) {
      blocks.add(
          new Block.Text(
              "The run was continued %d times; each process is listed."
                  .formatted(starts.size() - 1)));
    }
    for (JsonObject start : starts) {
      var rows = new ArrayList<List<String>>();
      rows.add(List.of("began", start.string("time").orElse("?")));
      rows.add(List.of("after step", start.whole("from_step").map(Words::count).orElse("?")));
      start
          .object("end")
          .ifPresentOrElse(
              end -> {
                rows.add(
                    List.of(
                        "ended",
                        end.string("how").orElse("?").replace('_', ' ')
                            + end.string("time").map(time -> ", " + time).orElse("")));
                end.whole("skipped_here")
                    .ifPresent(
                        n -> rows.add(List.of("steps that changed nothing", Words.count(n))));
                end.whole("optimizer_bytes")
                    .ifPresent(n -> rows.add(List.of("the optimizer's state", Words.bytes(n))));
              },
              () -> rows.add(List.of("ended", "not recorded: killed, or still running")));
      start
          .object("environment")
          .ifPresent(facts ->
              facts
                  .keysAsWritten()
                  .forEach(key ->
                      rows.add(
                          List.of(
                              NAMES.getOrDefault(key, key), plain(facts.value(key).orElse(""))))));
      blocks.add(new Block.Table(List.of("what", "value"), rows, 2));
    }
    return blocks;
  }
}
