package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.json.JsonObject;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import dev.quintet.trainer.evaluate.Predictions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowSettingsTest {
  private static final String SOURCE = "question: {question} context: {context}";

  @TempDir Path folder;

  private String err = "";

  @BeforeEach
  void data() throws IOException {
    try (TextToText text = TinyText.model(0, 1)) {
      text.save(folder.resolve("model"));
    }
    rows("train", 8);
    rows("held", 4);
    rows("test", 4);
  }

  @Test
  void longContextsAreCutIntoWindowsAndItIsSaidHowMany() throws IOException {
    assertEquals(0, train("\"stride\": 8"), err);
    assertTrue(err.contains("training data: 4 of 8 sources are too long, and cut into "), err);
    assertTrue(err.contains(" windows hold no answer and are left out, and with them 1 rows"), err);
    JsonObject windows =
        JsonObject.read(folder.resolve("out/data.json"))
            .object("tokens")
            .flatMap(tokens -> tokens.object("train"))
            .flatMap(train -> train.object("windows"))
            .orElseThrow();
    assertEquals(4, windows.integer("sources_too_long").orElseThrow());
    assertEquals(1, windows.integer("rows_without_answer").orElseThrow());
    assertTrue(windows.integer("windows").orElseThrow() >= 8);
    assertTrue(
        Files.readString(folder.resolve("out/report.html"))
            .contains("train: 4 sources are longer than the model reads"));
    var predictions = Predictions.read(folder.resolve("out/predictions-test.jsonl"));
    assertEquals(4, predictions.size());
    String evaluated = folder.resolve("answers.jsonl").toString();
    assertEquals(
        0,
        run(
            "evaluate",
            folder + "/out/best",
            "--data",
            folder + "/test.jsonl",
            "--source",
            SOURCE,
            "--target",
            "answers",
            "--cut",
            "context",
            "--stride",
            "8",
            "--max-source",
            "60",
            "--max-target",
            "4",
            "--out",
            evaluated),
        err);
    assertEquals(
        predictions.stream().map(one -> one.reply().text()).toList(),
        Predictions.read(Path.of(evaluated)).stream().map(one -> one.reply().text()).toList());
  }

  @Test
  void withoutAStrideTheContextAloneIsCut() throws IOException {
    assertEquals(0, train("\"keep\": []"), err);
    assertTrue(
        err.contains("training data: 4 of 8 sources are too long, and cut in their passage alone"),
        err);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"cut\": \"text\" | the column \"text\" cannot be cut",
        "\"cut\": \"\", \"stride\": 8 | the key \"cut\" is needed",
        "\"stride\": -1 | the key \"stride\" must be 0 tokens or more",
        "\"stride\": 8, \"augment\": {\"eda\": true, \"each_epoch\": true} | \"each_epoch\" in \"augment\" and \"stride\" exclude each other",
        "\"stream\": true | the key \"stream\" must be false where a column is cut",
      })
  void whatIsWrongIsNamedAndNothingIsWritten(String keys, String message) throws IOException {
    assertEquals(2, train(keys), err);
    assertTrue(err.contains(message), err);
    assertEquals(1, err.lines().count(), err);
    assertTrue(Files.notExists(folder.resolve("out")));
    assertEquals(
        2, run("data", folder + "/train.jsonl", "--set", "cut=context", "--out", folder + "/p"));
    assertTrue(err.contains("the key \"cut\" is for the object \"data\" of train"), err);
  }

  private int train(String keys) throws IOException {
    String data = "\"source\": \"%s\", \"target\": \"answers\", \"lists\": true".formatted(SOURCE);
    String cut = keys.contains("\"cut\"") ? "" : ", \"cut\": \"context\"";
    Files.writeString(
        folder.resolve("train.cfg"),
        """
        {"model": "%1$s/model", "train": "%1$s/train.jsonl", "validation": "%1$s/held.jsonl",
         "test": "%1$s/test.jsonl", "data": {%2$s%3$s, "leakage": "allow", %4$s}, "out": "%1$s/out",
         "steps": 2, "batch_size": 4, "max_source": 60, "max_target": 4,
         "evaluate": {"metrics": ["squad"]}}\
        """
            .formatted(folder, data, cut, keys));
    return run("train", "--config", folder.resolve("train.cfg").toString());
  }

  /// Every other row is long; its answer is its last word, or stands nowhere in the second of them.
  private void rows(String name, int count) throws IOException {
    var rows = new StringBuilder();
    for (int i = 0; i < count; i++) {
      String text = "red one blue two green up ".repeat(i % 2 == 0 ? 1 : 9) + "last" + i;
      String answer = i == 1 ? "nowhere" : "last" + i;
      rows.append(
          "{\"question\": \"%s %d?\", \"context\": \"%s\", \"answers\": [\"%s\"]}\n"
              .formatted(name, i, text, answer));
    }
    Files.writeString(folder.resolve(name + ".jsonl"), rows);
  }

  private int run(String... arguments) {
    var errors = new StringWriter();
    var before = System.err;
    var said = new java.io.ByteArrayOutputStream();
    System.setErr(new java.io.PrintStream(said, true, java.nio.charset.StandardCharsets.UTF_8));
    try {
      return Main.commands()
          .setOut(new PrintWriter(new StringWriter()))
          .setErr(new PrintWriter(errors))
          .execute(arguments);
    } finally {
      System.setErr(before);
      err = errors + said.toString(java.nio.charset.StandardCharsets.UTF_8);
    }
  }
}
