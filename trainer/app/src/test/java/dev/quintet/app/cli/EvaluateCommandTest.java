package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import dev.quintet.trainer.evaluate.Predictions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateCommandTest {
  @TempDir Path folder;

  private Path model;
  private Path rows;
  private String out = "";
  private String err = "";

  @BeforeEach
  void makeModel() throws IOException {
    model = folder.resolve("model");
    try (TextToText text = TinyText.model(0, 1)) {
      text.save(model);
    }
    rows = folder.resolve("rows.jsonl");
    var lines = new ArrayList<String>();
    for (String colour : List.of("red", "green", "red", "green", "red", "green")) {
      lines.add("{\"source\": \"one " + colour + " up\", \"target\": \"" + colour + "\"}");
    }
    Files.write(rows, lines);
  }

  @Test
  void aModelIsScoredWithIntervalsAndItsAnswersAreWrittenOnce() {
    Path answers = folder.resolve("answers.jsonl");
    String[] command = {
      "evaluate",
      model.toString(),
      "--data",
      rows.toString(),
      "--rank",
      "red,green",
      "--metric",
      "accuracy,names",
      "--out",
      answers.toString()
    };
    assertEquals(0, run(command), err);
    assertTrue(out.contains("loss ") && out.contains("accuracy"), out);
    assertEquals(6, Predictions.read(answers).size());
    assertTrue(
        Predictions.read(answers).stream()
            .allMatch(one -> List.of("red", "green").contains(one.reply().text())));
    assertEquals(2, run(command));
    assertTrue(err.contains("is there already"), err);
    assertEquals(2, run("evaluate", model.toString(), "--data", rows + "x"));
    assertEquals(2, run("evaluate", model.toString(), "--data", rows.toString(), "--source", "no"));
    assertTrue(err.contains("no"), err);
  }

  @Test
  void aHeadAndItsScoresAreAskedForOnTheCommandLineAndEvaluatedAfterwards() throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("c.json"),
            """
            {"model": "%s", "train": "%s", "validation": "%s", "out": "%s", "steps": 30,
             "learning_rate": 0.01, "evaluate_every": "5 epochs",
             "evaluate": {"metrics": ["accuracy"]}}\
            """
                .formatted(model, rows, rows, folder.resolve("out")));
    assertEquals(
        0,
        run(
            "train",
            "--config",
            config.toString(),
            "--set",
            "head=classify",
            "--set",
            "select=accuracy",
            "--set",
            "evaluate.examples=4"),
        err);
    assertTrue(out.contains("validation scores of the best: accuracy"), out);
    assertTrue(Files.exists(folder.resolve("out/predictions-30.jsonl")));
    String best = folder.resolve("out/best").toString();
    assertEquals(0, run("evaluate", best, "--data", rows.toString()), err);
    assertTrue(out.contains("accuracy"), out);
    String further = folder.resolve("further").toString();
    String[] on = {
      "train",
      "--config",
      config.toString(),
      "--set",
      "model=" + best,
      "--set",
      "out=" + further,
      "--set",
      "steps=1",
      "--set",
      "learning_rate=0",
      "--set",
      "weight_decay=0",
      "--set",
      "ema=true"
    };
    assertEquals(0, run(on), err);
    assertTrue(out.contains(further + "/last, " + further + "/ema"), out);
    assertEquals(
        -1,
        Files.mismatch(
            Path.of(best, "model.safetensors"), Path.of(further, "last/model.safetensors")));
    String[] twice = Arrays.copyOf(on, on.length + 2);
    twice[on.length] = "--set";
    twice[on.length + 1] = "head=tokens";
    assertEquals(2, run(twice));
    assertTrue(err.contains("has a head already") && err.contains("\"head\""), err);
    for (List<String> wrong :
        List.of(
            List.of("evaluate.generate={\"num_beam\": 2}", "num_beams"),
            List.of("evaluate.metrics=[\"accuracyy\"]", "accuracyy"),
            List.of("evaluate.metric=1", "metrics"),
            List.of("select=f1", "loss, accuracy"),
            List.of("evaluate_every=1 week", "1 epoch"),
            List.of("warm_start=nowhere", "warm_start"),
            List.of("evaluate.rank=[\"red\"]", "a head answers by itself"))) {
      assertEquals(
          2,
          run(
              "train",
              "--config",
              config.toString(),
              "--set",
              "head=classify",
              "--set",
              "out=" + folder.resolve("other"),
              "--set",
              wrong.getFirst()),
          wrong.toString());
      assertTrue(err.contains(wrong.getLast()), wrong + " " + err);
    }
  }

  @Test
  void packingIsReadAlsoWhereTheDataIsPrepared() throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("c.json"),
            """
            {"model": "%s", "data": {}, "train": "%s", "out": "%s", "steps": 1, "batch_size": 2}\
            """
                .formatted(model, rows, folder.resolve("out")));
    // whose refusal shows that the key is heard: nothing is packed with heads
    assertEquals(
        2,
        run(
            "train",
            "--config",
            config.toString(),
            "--set",
            "packing=true",
            "--set",
            "head=classify"),
        out);
    assertTrue(err.contains("packing"), err);
  }

  private int run(String... arguments) {
    var output = new StringWriter();
    var errors = new StringWriter();
    int code =
        Main.commands()
            .setOut(new PrintWriter(output))
            .setErr(new PrintWriter(errors))
            .execute(arguments);
    out = output.toString();
    err = errors.toString();
    return code;
  }
}
