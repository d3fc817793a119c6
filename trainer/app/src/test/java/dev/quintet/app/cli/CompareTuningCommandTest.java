package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.adapt.AdapterMethods;
import dev.quintet.models.adapt.method.AdapterKind;
import dev.quintet.models.adapt.method.AdapterMethod;
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
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CompareTuningCommandTest {
  private static final String METHODS =
      "{\"full\": {\"learning_rate\": 3e-3}, \"last-block\": {\"learning_rate\": 3e-3}}";

  @TempDir Path folder;

  @BeforeEach
  void data() throws IOException {
    try (TextToText text = TinyText.model(0, 1)) {
      text.save(folder.resolve("model"));
    }
    TinyText.jsonl(folder.resolve("train.jsonl"), 40, 1);
    TinyText.jsonl(folder.resolve("validation.jsonl"), 6, 2);
    TinyText.jsonl(folder.resolve("test.jsonl"), 8, 3);
  }

  /// Two tasks on the same rows, one turned round, each of a few steps.
  private Path config(String out, String methods, String more) throws IOException {
    String task =
        """
        {"train": "%1$s/train.jsonl", "validation": "%1$s/validation.jsonl", "test": "%1$s/test.jsonl",
         "data": {"source": "{%2$s}", "target": "%3$s"}, "evaluate": {"metrics": ["chrf"]}, "select": "chrf"}
        """;
    return Files.writeString(
        folder.resolve(out + ".json"),
        """
        {"train": {"model": "%1$s/model", "steps": 4, "evaluate_every": 2, "batch_size": 4, "max_source": 16, "max_target": 8},
         "tasks": {"turned": %2$s, "back": %3$s}, "methods": %4$s, "out": "%1$s/%5$s"%6$s}
        """
            .formatted(
                folder,
                task.formatted(folder, "question", "answer"),
                task.formatted(folder, "answer", "question"),
                methods,
                out,
                more));
  }

  private static String run(int code, String... arguments) {
    var out = new StringWriter();
    CommandLine commands =
        Main.commands().setOut(new PrintWriter(out)).setErr(new PrintWriter(out));
    assertEquals(code, commands.execute(arguments), out::toString);
    return out.toString();
  }

  private String refused(Path config, String... more) {
    var arguments = new ArrayList<>(List.of("compare-tuning", "--config", config.toString()));
    arguments.addAll(List.of(more));
    return run(2, arguments.toArray(String[]::new));
  }

  /// The journal without what the clock and the memory say.
  private List<String> outcome(String out) throws IOException {
    return Files.readAllLines(folder.resolve(out + "/trials.jsonl")).stream()
        .map(line ->
            line.replaceAll("\"(step_)?seconds\": [0-9.e-]+", "")
                .replaceAll("\"peak_bytes\": \\d+", "")
                .replaceAll("\\[(\\d+), [0-9.e-]+, ", "[$1, "))
        .toList();
  }

  @Test
  void methodsAreComparedOnTasksAndCarriedFromOneToTheOther() throws IOException {
    Path config =
        config(
            "out",
            METHODS,
            ", \"seeds\": [3], \"transfer\": {\"methods\": [\"full\"], \"steps\": 2}");
    String said = run(0, "compare-tuning", "--config", config.toString());
    assertTrue(said.contains("Ranking. The paper has full > LoRA"), said);
    assertTrue(said.contains("adapter of turned"), said);
    Path out = folder.resolve("out");
    JsonObject report = JsonObject.read(out.resolve("report.json"));
    JsonObject methods =
        report
            .required("tasks", JsonObject::object)
            .required("turned", JsonObject::object)
            .required("methods", JsonObject::object);
    JsonObject full = methods.required("full", JsonObject::object);
    JsonObject last = methods.required("last-block", JsonObject::object);
    assertTrue(
        last.required("trained", JsonObject::whole) < full.required("trained", JsonObject::whole));
    assertEquals(
        full.required("parameters", JsonObject::whole),
        full.required("trained", JsonObject::whole));
    assertTrue(last.required("peak_bytes", JsonObject::whole) > 0);
    assertTrue(
        last.required("checkpoint_bytes", JsonObject::whole)
            < full.required("checkpoint_bytes", JsonObject::whole));
    assertEquals(4, full.required("steps", JsonObject::number));
    // What a transfer starts from is what the other task's training left.
    List<String> lines = Files.readAllLines(out.resolve("trials.jsonl"));
    assertEquals(1 + 2 * 2 + 2 * 3, lines.size());
    JsonObject own =
        lines.stream()
            .map(line -> JsonObject.parse("a line", line))
            .filter(line -> line.string("start").equals(Optional.of("turned")))
            .filter(line -> line.string("task").equals(Optional.of("turned")))
            .findFirst()
            .orElseThrow();
    JsonObject whole = JsonObject.parse("a line", lines.get(1));
    assertEquals(
        whole.required("score", JsonObject::object).number("value"),
        own.required("before", JsonObject::object).number("value"),
        "an adapter back on its own task has the score that it had");
    assertTrue(Files.isDirectory(out.resolve("trials/turned/full/seed-3/best")));
    assertFalse(Files.exists(out.resolve("trials/turned/full/seed-3/checkpoints")));
  }

  @Test
  void adaptersAreComparedAndCarriedFromTaskToTask() throws IOException {
    Path config =
        config(
            "out",
            "{\"full\": {}, \"lora\": {\"learning_rate\": 0.1}, \"mine\": {\"adapter\": {\"method\": \"prompt\", \"tokens\": 3}}}",
            ", \"seeds\": [3], \"transfer\": {\"methods\": [\"lora\", \"mine\"], \"steps\": 2}");
    String said = run(0, "compare-tuning", "--config", config.toString());
    assertTrue(said.contains("Without numbers: adapter, prefix."), said);
    assertTrue(said.contains("Transfer, mine."), said);
    Path out = folder.resolve("out");
    assertTrue(
        Files.exists(out.resolve("trials/turned/lora/seed-3/best/adapter_model.safetensors")));
    List<JsonObject> lines =
        Files.readAllLines(out.resolve("trials.jsonl")).stream()
            .skip(1)
            .map(line -> JsonObject.parse("a line", line))
            .toList();
    for (JsonObject own : lines) {
      if (!own.string("start").equals(own.string("task"))) {
        continue;
      }
      JsonObject whole =
          lines.stream()
              .filter(line -> !line.has("start"))
              .filter(line -> line.string("task").equals(own.string("task")))
              .filter(line -> line.string("method").equals(own.string("method")))
              .findFirst()
              .orElseThrow();
      assertEquals(
          whole.required("score", JsonObject::object).number("value"),
          own.required("before", JsonObject::object).number("value"),
          "an adapter back on its own task has the score that it had: " + own.string("method"));
    }
    JsonObject full = lines.getFirst();
    JsonObject lora = lines.get(1);
    assertEquals("lora", lora.string("method").orElseThrow());
    assertTrue(
        lora.required("checkpoint_bytes", JsonObject::whole)
            < full.required("checkpoint_bytes", JsonObject::whole));
    assertEquals(
        full.required("parameters", JsonObject::whole)
            + lora.required("trained", JsonObject::whole),
        lora.required("parameters", JsonObject::whole));
  }

  @Test
  void everyKnownMethodOfAdaptersIsOneThatTrainKnows() {
    KnownMethods known = KnownMethods.of(folder.resolve("model"));
    for (AdapterKind kind : AdapterMethods.ALL) {
      JsonObject settings = known.settings(kind.name());
      AdapterMethod method = AdapterMethods.of(settings.required("adapter", JsonObject::object));
      assertEquals(kind.peftType(), method.peftType());
    }
    assertTrue(known.names().containsAll(KnownMethods.STANDARD));
  }

  @Test
  void aComparisonThatIsKilledAndResumedEqualsOneLeftAlone() throws Exception {
    String more = ", \"seeds\": [0]";
    run(0, "compare-tuning", "--config", config("alone", METHODS, more).toString());
    Path config = config("killed", METHODS, more);
    Process child = OwnProcess.start("compare-tuning", "--config", config.toString(), "--resume");
    Path journal = folder.resolve("killed/trials.jsonl");
    for (int i = 0; i < 1200 && lines(journal) < 3; i++) {
      assertFalse(child.waitFor(25, TimeUnit.MILLISECONDS), "ended before it was killed");
    }
    child.destroyForcibly().waitFor();
    run(0, "compare-tuning", "--config", config.toString(), "--resume");
    assertEquals(outcome("alone"), outcome("killed"));
    // Once more: all is done, and the report is the same.
    String again = run(0, "compare-tuning", "--config", config.toString(), "--resume");
    assertTrue(again.contains("over all tasks"), again);
    assertEquals(outcome("alone"), outcome("killed"));
    String refused = refused(config);
    assertTrue(refused.contains("trials.jsonl"), refused);
    Path other = config("killed", METHODS, ", \"seeds\": [0], \"share\": 0.5");
    String otherwise = refused(other, "--resume");
    assertTrue(otherwise.contains("\"share\" is now 0.5 and was nothing"), otherwise);
  }

  private static long lines(Path file) throws IOException {
    return Files.exists(file) ? Files.readAllLines(file).size() : 0;
  }

  @Test
  void stepsAreLoweredUntilAllFitsIntoTheTimeAndStayWhenItGoesOn() throws IOException {
    Path config = config("timed", METHODS, ", \"seeds\": [0], \"minutes\": 0.0001");
    String steps = "train.steps=100";
    run(
        0,
        "compare-tuning",
        "--config",
        config.toString(),
        "--set",
        steps,
        "--set",
        "train.evaluate_every=10");
    Path out = folder.resolve("timed");
    JsonObject first =
        JsonObject.parse("a line", Files.readAllLines(out.resolve("trials.jsonl")).getFirst());
    JsonObject plan = first.required("plan", JsonObject::object);
    long planned = plan.required("steps", JsonObject::whole);
    assertTrue(planned <= 20, "steps: " + planned);
    JsonObject trial =
        JsonObject.parse("a line", Files.readAllLines(out.resolve("trials.jsonl")).getLast());
    assertEquals(planned, trial.required("steps", JsonObject::whole));
    assertFalse(Files.exists(out.resolve(TuningPace.TIMING)));
    run(
        0,
        "compare-tuning",
        "--config",
        config.toString(),
        "--set",
        steps,
        "--set",
        "train.evaluate_every=10",
        "--resume");
  }

  @Test
  void whatCannotBeComparedIsRefusedByName() throws IOException {
    String message = refused(config("a", "[\"full\", \"lats-block\"]", ""));
    assertTrue(
        message.contains("lats-block") && message.contains("full, last-block, lora"), message);
    message = refused(config("b", "{\"full\": {\"test\": \"x\"}}", ""));
    assertTrue(message.contains("in the method \"full\" has no \"test\" here"), message);
    message = refused(config("c", "{\"../x\": {}}", ""));
    assertTrue(message.contains("../x"), message);
    message = refused(config("d", METHODS, ", \"seed\": 1"));
    assertTrue(message.contains("unknown key \"seed\"; did you mean \"seeds\"?"), message);
    message = refused(config("e", METHODS, ", \"transfer\": {\"methods\": [\"lora\"]}"));
    assertTrue(message.contains("lora") && message.contains("full, last-block"), message);
    message = refused(config("f", METHODS, ""), "--set", "tasks.turned.select=loss");
    assertTrue(message.contains("the task \"turned\" needs the key \"select\""), message);
    message = refused(config("g", METHODS, ""), "--set", "methods.full.learning_rate=-1");
    assertTrue(message.contains("learning_rate") && message.contains("full"), message);
    message = refused(config("h", METHODS, ", \"reference\": \"lora\""));
    assertTrue(message.contains("reference"), message);
    Path without = config("i", METHODS, "");
    Files.writeString(without, Files.readString(without).replaceAll("\"test\": \"[^\"]*\",", ""));
    message = refused(without);
    assertTrue(message.contains("the task \"turned\" needs the key \"test\""), message);
    message = refused(config("j", METHODS, ""), "--set", "tasks.back.train=missing.jsonl");
    assertTrue(message.contains("the task \"back\"") && message.contains("missing.jsonl"), message);
    message = run(2, "compare-tuning");
    assertTrue(message.contains("--config FILE and --example"), message);
    for (String name : List.of("a", "b", "c", "d", "e", "f", "g", "h", "i", "j")) {
      assertFalse(Files.exists(folder.resolve(name)), "nothing is left by " + name);
    }
  }

  @Test
  @Tag("slow")
  void theExampleRunsFromTheSourcesOfTheJdk() throws IOException {
    Path out = folder.resolve("example");
    // The base that it would train for minutes is a demo of few steps here.
    run(0, "demo", "--out", out.resolve("base").toString(), "--steps", "30");
    String said =
        run(
            0,
            "compare-tuning",
            "--example",
            "--out",
            out.toString(),
            "--set",
            "seeds=[0]",
            "--set",
            "train.steps=4",
            "--set",
            "train.evaluate_every=2",
            "--set",
            "train.evaluate.examples=4",
            "--set",
            "minutes=null");
    assertTrue(said.contains("exceptions"), said);
    assertTrue(Files.exists(out.resolve("curves.png")));
  }
}
