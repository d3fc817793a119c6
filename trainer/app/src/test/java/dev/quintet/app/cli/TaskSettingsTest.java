package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.json.JsonObject;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaskSettingsTest {
  @TempDir Path folder;

  private String err = "";

  @Test
  void tasksShareTheTrainingByTheirRatesAndWhatIsSeenOfEachIsCounted() throws IOException {
    Path model = folder.resolve("model");
    try (TextToText text = TinyText.model(0, 1)) {
      text.save(model);
    }
    rows("a", 60);
    rows("b", 12);
    rows("held", 4);
    // rates 20 : 12 of sizes up to 20; 72 places an epoch
    train(
        """
        {"model": "%1$s/model", "tasks": [
           {"name": "long", "train": "%1$s/a.jsonl", "validation": "%1$s/held.jsonl"},
           {"name": "short", "train": "%1$s/b.jsonl", "data": {"prefix": "b: "}, "test": "%1$s/held.jsonl"}],
         "mixture": {"limit": 20}, "out": "%1$s/out", "steps": 30, "batch_size": 4, "max_source": 3,
         "evaluate": {"metrics": ["accuracy"], "generate": {"max_new_tokens": 2}}, "evaluate_every": 10}\
        """,
        0);
    JsonObject report = JsonObject.read(folder.resolve("out/data.json"));
    List<Long> seen = new ArrayList<>();
    List<Double> rates = new ArrayList<>();
    for (Object one : report.list("tasks").orElseThrow()) {
      var task = (JsonObject) one;
      seen.add(task.whole("examples_seen").orElseThrow());
      rates.add(task.number("rate").orElseThrow());
      assertEquals(
          task.string("name").orElseThrow().equals("long") ? 60 : 12,
          task.object("rows").orElseThrow().integer("train").orElseThrow());
    }
    assertEquals(List.of(20 / 32.0, 12 / 32.0), rates);
    assertEquals(120, seen.get(0) + seen.get(1));
    assertTrue(seen.get(1) > 24 && seen.get(1) < 66, seen.toString());
    JsonObject sources =
        report
            .object("tokens")
            .flatMap(t -> t.object("train"))
            .flatMap(t -> t.object("sources"))
            .orElseThrow();
    assertTrue(sources.integer("cut").orElseThrow() > 0);
    assertTrue(
        sources.object("quantiles").orElseThrow().integer("0.5").orElseThrow()
            <= sources.integer("longest").orElseThrow());
    List<String> log = Files.readAllLines(folder.resolve("out/log.jsonl"));
    assertTrue(
        log.stream()
            .anyMatch(line ->
                line.contains("\"step\": 30, \"validation_loss\"")
                    && line.contains(
                        "\"seen\": {\"long\": %d, \"short\": %d}"
                            .formatted(seen.get(0), seen.get(1)))),
        log.getLast());
    assertTrue(
        Files.readString(folder.resolve("out/predictions-test.jsonl"))
            .contains("\"task\": \"short\""));
  }

  @Test
  void whatOneTaskLearnsFromAndAnotherIsScoredOnIsReportedAndGoes() throws IOException {
    try (TextToText text = TinyText.model(0, 1)) {
      text.save(folder.resolve("model"));
    }
    rows("a", 12);
    rows("b", 8);
    Files.writeString(
        folder.resolve("held.jsonl"),
        "{\"source\": \"A one two 3!\", \"target\": \"x\"}\n{\"source\": \"a one two 4\", \"target\": \"x\"}\n");
    String config =
        """
        {"model": "%%1$s/model", "tasks": [
           {"name": "long", "train": "%%1$s/a.jsonl", "data": {"prefix": "a: ", "leakage": "%s"}},
           {"name": "short", "train": "%%1$s/b.jsonl", "validation": "%%1$s/held.jsonl"}],
         "out": "%%1$s/%s", "steps": 1, "batch_size": 4}\
        """;
    train(config.formatted("drop", "dropped"), 0);
    String report = Files.readString(folder.resolve("dropped/data.json"));
    assertTrue(report.contains("\"leakage between tasks\""), report);
    assertTrue(report.contains("in the validation or test part of short"), report);
    assertTrue(report.contains("\"train\": 10"), report);
    train(config.formatted("allow", "allowed"), 0);
    assertTrue(Files.readString(folder.resolve("allowed/data.json")).contains("\"train\": 12"));
    train(config.formatted("fail", "failed"), 2);
    assertTrue(err.contains("the task \"long\": 2 rows to train on are scored in another"), err);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"tasks\": [] | must be a list of at least one task",
        "\"tasks\": [{\"train\": \"a.jsonl\"}] | \"name\"",
        "\"tasks\": [{\"name\": \"a\", \"train\": \"a\"}, {\"name\": \"a\", \"train\": \"a\"}] | a name that no other task has",
        "\"tasks\": [{\"name\": \"a\", \"train\": \"a\", \"prefix\": \"x\"}] | unknown key \"prefix\" in \"tasks\"",
        "\"tasks\": [{\"name\": \"a\"}] | \"train\" is needed",
        "\"tasks\": [{\"name\": \"a\", \"train\": \"a\"}], \"train\": \"b\" | exclude each other",
        "\"tasks\": [{\"name\": \"a\", \"train\": \"a\"}], \"packing\": true | the key \"packing\" must be false",
        "\"tasks\": [{\"name\": \"a\", \"train\": \"a\", \"data\": {\"stream\": true}}] | without \"stream\"",
        "\"tasks\": [{\"name\": \"a\", \"train\": \"a\"}], \"mixture\": {\"temperature\": 0} | a number above 0",
        "\"tasks\": [{\"name\": \"a\", \"train\": \"a\"}], \"mixture\": {\"k\": 1} | unknown key \"k\" in \"mixture\"",
        "\"train\": \"a\", \"mixture\": {} | is for several tasks",
      })
  void settingsOfTasksThatAreWrongAreRefusedByName(String keys, String message) throws IOException {
    train("{\"model\": \"m\", \"out\": \"o\", \"steps\": 1, " + keys.replace("%", "%%") + "}", 2);
    assertTrue(err.contains(message), err);
    assertEquals(1, err.lines().count(), err);
  }

  private void rows(String name, int count) throws IOException {
    var rows = new StringBuilder();
    for (int i = 0; i < count; i++) {
      rows.append("{\"source\": \"%s one two %d\", \"target\": \"red\"}\n".formatted(name, i));
    }
    Files.writeString(folder.resolve(name + ".jsonl"), rows);
  }

  private void train(String config, int expected) throws IOException {
    Files.writeString(folder.resolve("train.cfg"), config.formatted(folder));
    var failed = new StringWriter();
    int code =
        Main.commands()
            .setOut(new PrintWriter(new StringWriter()))
            .setErr(new PrintWriter(failed))
            .execute("train", "--config", folder.resolve("train.cfg").toString());
    err = failed.toString();
    assertEquals(expected, code, err);
  }
}
