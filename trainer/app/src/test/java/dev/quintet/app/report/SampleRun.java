package dev.quintet.app.report;

import dev.quintet.core.io.JsonText;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.evaluate.Prediction;
import dev.quintet.trainer.evaluate.Predictions;
import dev.quintet.trainer.evaluate.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// A run's folder as a training leaves it, with texts that mean harm.
final class SampleRun {
  static final String HOSTILE =
      "</td></table></style><script>document.title='taken'</script><img src=x onerror=alert(1)> & \"'\u0000\u202E";

  private final Path folder;

  SampleRun(Path folder) throws IOException {
    this.folder = folder;
    Files.writeString(folder.resolve("run.json"), "{\"version\": 3, \"steps\": \"60\"}");
    log();
    history(new TreeMap<>(Map.of("how", "complete", "steps", 60)));
  }

  /// The texts of a row: every fifth means harm, and one has no place to break.
  private static String source(int row) {
    return row % 5 == 0
        ? HOSTILE + row
        : row == 7
            ? "unbroken".repeat(60)
            : "task: the " + "long ".repeat(row % 9) + "source " + row;
  }

  private static String label(int row) {
    return List.of("animal", "tool", HOSTILE).get(row % 3);
  }

  static List<Sample> samples(int rows) {
    var samples = new ArrayList<Sample>();
    for (int row = 0; row < rows; row++) {
      samples.add(
          new Sample(
              "row-" + row + (row == 0 ? HOSTILE : ""),
              source(row),
              List.of(label(row)),
              new LinkedHashMap<>(Map.of("author" + (HOSTILE), row % 2 == 0 ? "ann" : HOSTILE))));
    }
    return samples;
  }

  /// Writes predictions of which a share is right.
  SampleRun predictions(String name, int rows, int wrongEvery) {
    List<Sample> samples = samples(rows);
    var predictions = new ArrayList<Prediction>();
    for (int row = 0; row < rows; row++) {
      boolean wrong = row % wrongEvery == 0;
      String text = wrong ? (row % 2 == 0 ? "" : HOSTILE + "?") : label(row);
      predictions.add(
          new Prediction(
              samples.get(row),
              new Reply(text, 3, row == 4),
              wrong ? 2.5 : 0.1 + row / 1000.0,
              new LinkedHashMap<>(Map.of("accuracy", wrong ? 0.0 : 1.0))));
    }
    Predictions.write(folder.resolve("predictions-" + name + ".jsonl"), predictions);
    return this;
  }

  SampleRun test(int rows, int looks) throws IOException {
    Files.writeString(
        folder.resolve("test.json"),
        "{\"steps\": 60, \"best_step\": 40, \"rows\": %d, \"loss\": 0.5, \"scores\": {}, \"looks\": %d}"
            .formatted(rows, looks));
    return this;
  }

  SampleRun data() throws IOException {
    Files.writeString(
        folder.resolve("data.json"),
        JsonText.of(
            new TreeMap<>(
                Map.of(
                    "sources",
                    List.of(
                        Map.of(
                            "file", HOSTILE, "bytes", 12, "sha256", "ab".repeat(32), "rows", 300)),
                    "stages",
                    List.of(
                        Map.of(
                            "stage",
                            "exact duplicates",
                            "rows_in",
                            300,
                            "rows_out",
                            271,
                            "reasons",
                            Map.of(
                                "the same texts",
                                Map.of("rows", 29, "examples", List.of("row-1: " + HOSTILE))))),
                    "rows",
                    Map.of("train", 200),
                    "remarks",
                    List.of("remark " + HOSTILE)))));
    return this;
  }

  /// Writes the history, the last process with this end.
  SampleRun history(Map<String, ?> end) throws IOException {
    var start = new LinkedHashMap<String, Object>();
    start.put("time", "2026-01-02T03:04:05Z");
    start.put("from_step", 0);
    start.put("steps", 60);
    start.put("steps_per_epoch", 20);
    start.put("trainable", 369_664);
    start.put("frozen", 0);
    start.put("environment", Map.of("threads", "2", "java", HOSTILE));
    start.put(
        "training",
        Map.of("rows", 200, "sources", Map.of("most", 48, "longest", 120, "cut", 12, "empty", 1)));
    if (!end.isEmpty()) {
      start.put("end", end);
    }
    Files.writeString(
        folder.resolve(RunHistory.FILE),
        JsonText.of(
            Map.of(
                "settings",
                Map.of(
                    "train",
                    HOSTILE + ".jsonl",
                    "seed",
                    7,
                    "evaluate",
                    Map.of(
                        "metrics",
                        List.of(
                            "accuracy",
                            "classification",
                            Map.of("name", "rouge", "stemmer", true)))),
                "starts",
                List.of(start))));
    return this;
  }

  private void log() throws IOException {
    var log = new StringBuilder();
    for (int step = 0; step <= 60; step++) {
      if (step > 0) {
        log.append(
            String.format(
                Locale.ROOT,
                "{\"step\": %d, \"loss\": %s, \"rate\": 0.001, \"norm\": 1.5, \"tokens\": 100, \"seconds\": 0.25, \"memory\": 1048576}%n",
                step,
                step == 30 ? "null" : String.valueOf(3.0 / step)));
      }
      if (step % 20 == 0) {
        log.append(
            String.format(
                Locale.ROOT,
                "{\"step\": %d, \"validation_loss\": %.3f, \"best\": %b, \"scores\": {\"accuracy\": %.3f}}%n",
                step,
                3 - step / 30.0,
                step <= 40,
                step / 100.0));
      }
    }
    Files.writeString(folder.resolve("log.jsonl"), log);
  }
}
