package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.json.JsonObject;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import dev.quintet.trainer.evaluate.Prediction;
import dev.quintet.trainer.evaluate.Predictions;
import dev.quintet.trainer.score.Metrics;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CrossValidateCommandTest {
  @TempDir Path folder;

  @BeforeEach
  void data() throws IOException {
    try (TextToText text = TinyText.model(0.1f, 1)) {
      text.save(folder.resolve("model"));
    }
    var lines = new ArrayList<String>();
    var pairs = TinyText.pairs(30, 1).list();
    for (int i = 0; i < pairs.size(); i++) {
      lines.add(
          "{\"question\": \"%s\", \"answer\": \"%s\", \"kind\": \"%s\", \"author\": \"a%d\"}"
              .formatted(
                  pairs.get(i).source() + " " + i,
                  pairs.get(i).target(),
                  i % 3 == 0 ? "x" : "y",
                  i / 2));
    }
    lines.add(lines.getFirst());
    Files.write(folder.resolve("rows.jsonl"), lines);
  }

  private Path config(String out, String more) throws IOException {
    return Files.writeString(
        folder.resolve(out + ".json"),
        """
        {"train": {"model": "%1$s/model", "train": "%1$s/rows.jsonl", "source_field": "question",
         "target_field": "answer", "steps": 4, "batch_size": 4, "save_every": 2, "evaluate_every": 4, "max_source": 16, "max_target": 4},
         "out": "%1$s/%2$s"%3$s}
        """
            .formatted(folder, out, more));
  }

  private static String run(int code, String... arguments) {
    var out = new StringWriter();
    CommandLine commands =
        Main.commands().setOut(new PrintWriter(out)).setErr(new PrintWriter(out));
    assertEquals(code, commands.execute(arguments), out::toString);
    return out.toString();
  }

  @Test
  void foldsThatAreKilledAndResumedEqualThoseLeftAloneAndFinishedOnesAreNotRunAgain()
      throws Exception {
    String more = ", \"k\": 3, \"strata\": \"kind\", \"group\": \"author\"";
    run(0, "cross-validate", "--config", config("alone", more).toString());
    Path config = config("killed", more);
    Path first = folder.resolve("killed/folds/repeat-0-fold-0.json");
    Process child = OwnProcess.start("cross-validate", "--config", config.toString());
    for (int i = 0; i < 1200 && !Files.exists(first); i++) {
      child.waitFor(50, TimeUnit.MILLISECONDS);
    }
    child.destroyForcibly().waitFor();
    FileTime written = Files.getLastModifiedTime(first);
    String said = run(0, "cross-validate", "--config", config.toString(), "--resume");
    assertEquals(written, Files.getLastModifiedTime(first));
    assertTrue(said.contains("corrected 95 %"), said);
    assertEquals(
        Files.readString(folder.resolve("alone/report.json")),
        Files.readString(folder.resolve("killed/report.json")));
    eachRowIsHeldOutOnceAndAuthorsAreWhole();
    refusedWhereTheFoldsAreOthers(config);
  }

  private void eachRowIsHeldOutOnceAndAuthorsAreWhole() throws IOException {
    var rows = new TreeSet<String>();
    int count = 0;
    for (int fold = 0; fold < 3; fold++) {
      Path file = folder.resolve("alone/folds/repeat-0-fold-" + fold + ".predictions.jsonl");
      for (String line : Files.readAllLines(file)) {
        rows.add(JsonObject.parse("prediction", line).required("id", JsonObject::string));
        count++;
      }
    }
    assertEquals(31, count);
    assertEquals(31, rows.size());
  }

  private void refusedWhereTheFoldsAreOthers(Path config) throws IOException {
    Files.writeString(config, Files.readString(config).replace("\"k\": 3", "\"k\": 4"));
    String said = run(2, "cross-validate", "--config", config.toString(), "--resume");
    assertTrue(said.contains("\"k\" is now 4 and was 3"), said);
  }

  @Test
  void eachFoldChoosesItsSettingsAndSystemsAreComparedOnTheSameFolds() throws IOException {
    run(0, "cross-validate", "--config", config("plain", ", \"k\": 2, \"metrics\": []").toString());
    String nested =
        """
        , "k": 2, "metrics": [], "space": {"learning_rate": {"choice": [1e-5, 0.05]}}, "sampler": "grid",
          "trials": 2, "inner": 2, "compare": "%s/plain/report.json"
        """
            .formatted(folder);
    run(0, "cross-validate", "--config", config("nested", nested).toString());
    JsonObject report = JsonObject.read(folder.resolve("nested/report.json"));
    for (Object fold : report.required("folds", JsonObject::list)) {
      assertEquals(
          0.05,
          ((JsonObject) fold)
              .required("chosen", JsonObject::object)
              .required("learning_rate", JsonObject::number));
    }
    JsonObject loss =
        report.required("comparison", JsonObject::object).required("loss", JsonObject::object);
    assertTrue(loss.required("difference", JsonObject::number) < 0, loss::toString);
    String other =
        ", \"k\": 2, \"metrics\": [], \"seed\": 1, \"compare\": \"%s/plain/report.json\""
            .formatted(folder);
    String said = run(2, "cross-validate", "--config", config("other", other).toString());
    assertTrue(said.contains("is of other folds than these"), said);
  }

  @Test
  void rowsOfAnyFormatAreDealtAndScoredByAnyMetricWithItsOptions() throws IOException {
    var lines = new ArrayList<>(List.of("question,answer,kind"));
    var pairs = TinyText.pairs(18, 1).list();
    for (int i = 0; i < pairs.size(); i++) {
      lines.add(
          "%s %d,%s,%s"
              .formatted(pairs.get(i).source(), i, pairs.get(i).target(), i % 2 == 0 ? "x" : "y"));
    }
    Files.write(folder.resolve("rows.csv"), lines);
    Path config =
        Files.writeString(
            folder.resolve("csv.json"),
            """
            {"train": {"model": "%1$s/model", "data": {"files": "%1$s/rows.csv", "source": "ask: {question}",
             "target": "answer"}, "steps": 2, "batch_size": 4, "max_source": 16, "max_target": 4,
             "evaluate": {"metrics": ["chrf"], "examples": 2}, "select": "chrf"},
             "out": "%1$s/csv", "k": 2, "strata": "kind",
             "metrics": ["chrf", {"name": "rouge", "types": ["rouge1"]}]}
            """
                .formatted(folder));
    String said = run(0, "cross-validate", "--config", config.toString());
    assertTrue(said.contains("rouge1 ") && said.contains("chrf "), said);
    var all = new ArrayList<Prediction>();
    for (int fold = 0; fold < 2; fold++) {
      all.addAll(
          Predictions.read(
              folder.resolve("csv/folds/repeat-0-fold-" + fold + ".predictions.jsonl")));
    }
    assertEquals(18, all.size());
    assertTrue(all.stream().allMatch(one -> one.sample().source().startsWith("ask: ")));
    double chrf =
        Metrics.named("chrf").measure(all.stream().map(Prediction::answered).toList()).scores()[0];
    JsonObject report = JsonObject.read(folder.resolve("csv/report.json"));
    assertEquals(
        chrf,
        report.required("pooled", JsonObject::object).required("chrf", JsonObject::number),
        1e-9);
    assertTrue(
        report
            .required("summary", JsonObject::object)
            .required("chrf", JsonObject::object)
            .required("higher_is_better", JsonObject::bool));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void eachFoldAugmentsTheRowsThatItLearnsFromAlone(boolean anew) throws IOException {
    Path config = config("copies", ", \"k\": 2");
    Files.writeString(
        config,
        Files.readString(config)
            .replace(
                "\"steps\": 4",
                "\"data\": {\"augment\": {\"eda\": {\"edits\": [\"swap\"]}, \"copies\": 2, \"each_epoch\": "
                    + anew
                    + "}}, \"epochs\": 2"));
    String said = run(0, "cross-validate", "--config", config.toString());
    for (int fold = 0; fold < 2; fold++) {
      Path out = folder.resolve("copies/folds/repeat-0-fold-" + fold);
      JsonObject result = JsonObject.read(Path.of(out + ".json"));
      long rows = result.whole("train_rows").orElseThrow();
      long steps = result.whole("steps").orElseThrow();
      long most = 2 * Math.ceilDiv(3 * rows, 4L);
      assertTrue(anew ? steps == most : steps > 2 * rows / 4 && steps <= most, said);
      for (String line : Files.readAllLines(Path.of(out + ".predictions.jsonl"))) {
        assertTrue(!line.contains("+1\""), line);
      }
    }
  }

  @Test
  void whatIsWrongIsNamedAndNothingIsWritten() throws IOException {
    for (List<String> one :
        List.of(
            List.of(", \"folds\": 3", "unknown key \"folds\""),
            List.of(", \"metrics\": [\"rouges\"]", "did you mean rouge?"),
            List.of(", \"strata\": \"sort\"", "sort"),
            List.of(", \"hold_out\": 1", "\"hold_out\""),
            List.of(", \"trials\": 3", "no use without \"space\""),
            List.of(", \"compare\": \"missing.json\"", "missing.json"))) {
      String said = run(2, "cross-validate", "--config", config("no", one.get(0)).toString());
      assertTrue(said.contains(one.get(1)), said);
      assertTrue(Files.notExists(folder.resolve("no")));
    }
  }
}
