package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.json.JsonObject;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import dev.quintet.trainer.evaluate.Prediction;
import dev.quintet.trainer.evaluate.Predictions;
import dev.quintet.trainer.metric.Answered;
import dev.quintet.trainer.score.Metrics;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SearchCommandTest {
  @TempDir Path folder;

  @BeforeEach
  void data() throws IOException {
    try (TextToText text = TinyText.model(0.1f, 1)) {
      text.save(folder.resolve("model"));
    }
    TinyText.jsonl(folder.resolve("train.jsonl"), 40, 1);
    TinyText.jsonl(folder.resolve("validation.jsonl"), 8, 2);
    TinyText.jsonl(folder.resolve("test.jsonl"), 8, 3);
  }

  private String train(int steps) {
    return """
    {"model": "%1$s/model", "train": "%1$s/train.jsonl", "validation": "%1$s/validation.jsonl",
     "source_field": "question", "target_field": "answer", "steps": %2$d, "batch_size": 4,
     "evaluate_every": 2, "save_every": 2, "max_source": 16, "max_target": 16}
    """
        .formatted(folder, steps);
  }

  private Path config(String out, int steps, String more) throws IOException {
    return Files.writeString(
        folder.resolve(out + ".json"),
        """
        {"train": %s, "out": "%s/%s", "seed": 2,
         "space": {"learning_rate": {"log_uniform": [1e-3, 1e-1]}, "schedule": {"choice": ["linear", "constant"]}}%s}
        """
            .formatted(train(steps), folder, out, more));
  }

  private static String run(int code, String... arguments) {
    var out = new StringWriter();
    CommandLine commands =
        Main.commands().setOut(new PrintWriter(out)).setErr(new PrintWriter(out));
    assertEquals(code, commands.execute(arguments), out::toString);
    return out.toString();
  }

  /// The journal without the clock's seconds, and the table.
  private String outcome(String out) throws IOException {
    Path at = folder.resolve(out);
    String table = Files.readString(at.resolve("table.json"));
    return Files.readString(at.resolve("trials.jsonl")).replaceAll(", \"seconds\": [0-9.e-]+", "")
        + table
        + Files.readString(at.resolve("best.json")).replace(out, "OUT")
        + Arrays.hashCode(Files.readAllBytes(model(at, JsonObject.read(at.resolve("table.json")))));
  }

  private static Path model(Path out, JsonObject table) {
    return out.resolve("trials/" + table.integer("best").orElseThrow() + "/best/model.safetensors");
  }

  @Test
  void aSearchThatIsKilledAndResumedEqualsOneLeftAlone() throws Exception {
    killAndCompare(2, List.of(4));
  }

  @Test
  @Tag("slow")
  void manyKillsChangeNothing() throws Exception {
    killAndCompare(6, List.of(1, 3, 7, 8, 12, 15));
  }

  private void killAndCompare(int trials, List<Integer> kills) throws Exception {
    String more =
        ", \"trials\": "
            + trials
            + ", \"sampler\": \"tpe\", \"test\": \"%s/test.jsonl\"".formatted(folder);
    run(0, "search", "--config", config("alone", 4, more).toString());
    Path config = config("killed", 4, more);
    Path journal = folder.resolve("killed/trials.jsonl");
    for (int lines : kills) {
      Process child = OwnProcess.start("search", "--config", config.toString(), "--resume");
      for (int i = 0; i < 1200 && lines(journal) < lines; i++) {
        assertFalse(child.waitFor(50, TimeUnit.MILLISECONDS), "ended before it was killed");
      }
      child.destroyForcibly().waitFor();
    }
    String said = run(0, "search", "--config", config.toString(), "--resume");
    assertEquals(outcome("alone"), outcome("killed"));
    assertTrue(said.contains("on the test part: {\"looks\": 1"), said);
    // Once more: nothing is left to do, and the test part stays closed.
    String again = run(0, "search", "--config", config.toString(), "--resume");
    assertTrue(again.contains("{\"looks\": 1") || again.contains("\"looks\": 1"), again);
    assertEquals(outcome("alone"), outcome("killed"));
    try (Stream<Path> kept = Files.list(folder.resolve("killed/trials"))) {
      assertEquals(1, kept.count());
    }
    for (String picture : SearchReport.PICTURES) {
      assertTrue(ImageIO.read(folder.resolve("killed/" + picture).toFile()).getWidth() > 400);
    }
  }

  private static long lines(Path file) throws IOException {
    return Files.exists(file) ? Files.readAllLines(file).size() : 0;
  }

  @Test
  void aTrialThatClimbedTheRungsIsTheOneThatItsSettingsTrainAtOnce() throws IOException {
    String more =
        ", \"plan\": \"halving\", \"trials\": 2, \"longest\": 2, \"eta\": 2, \"workers\": 2, \"sampler\": \"random\"";
    run(0, "search", "--config", config("rungs", 4, more).toString());
    Path out = folder.resolve("rungs");
    run(0, "train", "--config", out.resolve("best.json").toString());
    assertEquals(
        -1,
        Files.mismatch(
            model(out, JsonObject.read(out.resolve("table.json"))),
            out.resolve("trained/best/model.safetensors")));
    long longest =
        Files.readAllLines(out.resolve("trials.jsonl")).stream()
            .filter(line -> line.contains("\"finished\""))
            .count();
    assertEquals(1, longest);
  }

  @Test
  void trialsAreComparedByAnyScoreAndTheBestAloneAnswersTheTestPartOnce() throws IOException {
    var lines = new ArrayList<>(List.of("question\tanswer"));
    TinyText.pairs(40, 1).list().forEach(pair -> lines.add(pair.source() + "\t" + pair.target()));
    Files.write(folder.resolve("rows.tsv"), lines);
    Path config =
        Files.writeString(
            folder.resolve("scored.json"),
            """
            {"train": {"model": "%1$s/model", "data": {"files": "%1$s/rows.tsv", "source": "question",
              "target": "answer", "split": {"by": "rows", "validation": 0.2, "test": 0.2}}, "steps": 4,
              "batch_size": 4, "evaluate_every": 2, "max_source": 16, "max_target": 4,
              "evaluate": {"metrics": ["chrf"]}},
             "out": "%1$s/scored", "space": {"learning_rate": {"choice": [1e-4, 0.03]}}, "sampler": "grid",
             "trials": 2, "metric": "chrf", "keep": "all"}
            """
                .formatted(folder));
    String said = run(0, "search", "--config", config.toString());
    Path out = folder.resolve("scored");
    JsonObject table = JsonObject.read(out.resolve("table.json"));
    assertEquals("chrf", table.required("metric", JsonObject::string));
    assertTrue(table.required("higher_is_better", JsonObject::bool));
    double before = Double.POSITIVE_INFINITY;
    for (Object row : table.required("trials", JsonObject::list)) {
      double value = ((JsonObject) row).required("value", JsonObject::number);
      int trial = ((JsonObject) row).required("trial", JsonObject::integer);
      assertTrue(value <= before);
      assertEquals(best(out.resolve("trials/" + trial + "/log.jsonl")), value);
      assertTrue(Files.notExists(out.resolve("trials/" + trial + "/test.json")));
      before = value;
    }
    JsonObject test = JsonObject.read(out.resolve("test.json"));
    List<Answered> rows =
        Predictions.read(out.resolve("predictions-test.jsonl")).stream()
            .map(Prediction::answered)
            .toList();
    assertEquals(rows.size(), test.required("rows", JsonObject::integer));
    assertEquals(
        Metrics.named("chrf").measure(rows).scores()[0],
        test.required("scores", JsonObject::object).required("chrf", JsonObject::number),
        1e-9);
    assertEquals(
        2,
        test.required("intervals", JsonObject::object).required("chrf", JsonObject::list).size());
    assertTrue(said.contains("on the test part: {\"looks\": 1"), said);
    assertEquals(
        "chrf", JsonObject.read(out.resolve("best.json")).required("select", JsonObject::string));
  }

  private static double best(Path log) throws IOException {
    return Files.readAllLines(log).stream()
        .map(line -> JsonObject.parse("log", line))
        .filter(line -> line.has("best") && line.required("step", JsonObject::whole) > 0)
        .mapToDouble(line ->
            line.required("scores", JsonObject::object).required("chrf", JsonObject::number))
        .max()
        .orElseThrow();
  }

  @Test
  void severalTrialsAtATimeComeToWhatTheyComeToAlone() throws IOException {
    String more = ", \"trials\": 3, \"sampler\": \"sobol\", \"repeats\": 2";
    run(0, "search", "--config", config("one", 2, more).toString());
    run(0, "search", "--config", config("three", 2, more + ", \"workers\": 3").toString());
    assertEquals(
        Files.readString(folder.resolve("one/table.json")),
        Files.readString(folder.resolve("three/table.json")));
  }

  @Test
  void whatIsWrongIsNamedAndNothingIsWritten() throws IOException {
    refused(", \"repeat\": 3", "unknown key \"repeat\"; did you mean", "\"repeats\"");
    refused(", \"keep\": \"some\"", "\"keep\"", "all, best, none");
    refused(", \"plan\": \"asha\", \"pruner\": {}", "\"pruner\" has no use");
    refused(", \"sampler\": \"grid\"", "\"learning_rate\"");
    refused(", \"metric\": \"rougeL\"", "\"metric\" must be a score", "there are loss");
    Path other =
        Files.writeString(
            folder.resolve("other.json"),
            Files.readString(config("no", 2, "")).replace("learning_rate", "learning_rat"));
    String said = run(2, "search", "--config", other.toString());
    assertTrue(said.contains("\"learning_rat\" is no key of train that can vary"), said);
    Path taken = Files.createDirectories(folder.resolve("taken"));
    Files.writeString(taken.resolve("best.json"), "mine");
    said = run(2, "search", "--config", config("taken", 2, "").toString());
    assertTrue(said.contains("best.json would be overwritten"), said);
  }

  private void refused(String more, String... words) throws IOException {
    String said = run(2, "search", "--config", config("no", 2, more).toString());
    for (String word : words) {
      assertTrue(said.contains(word), said);
    }
    assertTrue(Files.notExists(folder.resolve("no")));
  }
}
