package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.app.demo.DemoFolder;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.TinyText;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCommandTest {
  private static final List<String> WORDS =
      List.of("count", "name", "size", "index", "total", "width", "color", "price", "depth", "age");

  @TempDir Path folder;

  private Path sources;
  private String out = "";
  private String err = "";

  @BeforeEach
  void writeSources() throws IOException {
    sources = folder.resolve("sources");
    var random = new Random(1);
    for (int c = 0; c < 60; c++) {
      String name = "Thing" + c;
      String packageName = "shop.part" + c % 4;
      var text = new StringBuilder("package " + packageName + ";\nclass " + name + " {\n");
      for (int m = 0; m < 6; m++) {
        String word = WORDS.get(random.nextInt(WORDS.size())) + (char) ('A' + random.nextInt(26));
        String cap = word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
        text.append("  private int " + word + m + ";\n");
        text.append("  int get" + cap + "() { int x = " + c + "; return " + word + m + "; }\n");
        text.append("  void set" + cap + "(int v) { if (v > " + m + ") " + word + m + " = v; }\n");
      }
      Path file = sources.resolve(packageName.replace('.', '/')).resolve(name + ".java");
      Files.createDirectories(file.getParent());
      Files.writeString(file, text.append("}\n"));
    }
  }

  @Test
  void goesTheWholeRoadAndTheSameArgumentsGiveTheSameBytes() throws IOException {
    Path one = folder.resolve("one");
    assertEquals(0, demo(one, "--steps", "8", "--save-every", "3", "--threads", "1"), err);
    assertTrue(out.contains("nearest neighbour"), out);
    assertTrue(out.contains("last decoder block"), out);
    assertTrue(out.contains("--ask"), out);
    JsonObject metrics = JsonObject.read(one.resolve("metrics.json"));
    for (String key : List.of("examples", "exact_match", "precision", "recall", "f1")) {
      assertTrue(number(metrics, "test", key) >= 0, key);
    }
    assertTrue(number(metrics, "constant_guess", "f1") >= 0);
    assertTrue(number(metrics, "nearest_neighbour", "f1") >= 0);
    assertTrue(number(metrics, "nearest_neighbour", "exact_match") >= 0);
    assertTrue(number(metrics, "validation_loss", "first") > 6);
    assertTrue(number(metrics, "validation_loss", "last") > 0);
    JsonObject ahead = metrics.required("ahead_of_neighbour", JsonObject::object);
    assertTrue(Math.abs(number(ahead, "f1", "lead")) <= 1);
    assertTrue(metrics.required("seconds_taken", JsonObject::number) > 0);
    assertTrue(out.contains("taken"), out);
    List<?> freezing = metrics.required("freezing", JsonObject::list);
    assertEquals(3, freezing.size());
    for (Object item : freezing) {
      JsonObject way = (JsonObject) item;
      assertFalse(way.required("trained", JsonObject::string).isBlank());
      assertTrue(way.required("steps_per_second", JsonObject::number) > 0);
      assertTrue(way.required("optimizer_bytes", JsonObject::whole) > 0);
      assertTrue(way.required("gradient_bytes", JsonObject::whole) > 0);
      assertTrue(way.required("f1", JsonObject::number) >= 0);
    }
    assertTrue(metrics.required("seconds", JsonObject::object).keys().size() >= 5);
    assertTrue(metrics.required("tokens_per_second", JsonObject::number) > 0);
    assertTrue(Files.size(one.resolve("loss.png")) > 1000);

    // a second one, ended after its tokenizer, then resumed
    Path two = folder.resolve("two");
    for (String made :
        List.of(
            "demo.json",
            "methods.txt",
            "phases/parse.json",
            "phases/tokenizer.json",
            "tokenizer/tokenizer.json",
            "tokenizer/tokenizer_config.json")) {
      Files.createDirectories(two.resolve(made).getParent());
      Files.copy(one.resolve(made), two.resolve(made));
    }
    assertEquals(2, demo(two, "--steps", "8", "--save-every", "3"), "no --resume");
    assertEquals(0, run("demo", "--out", two.toString(), "--resume", "--threads", "2"), err);
    assertEquals(trained(one), trained(two));

    assertEquals(0, run("demo", "--out", two.toString(), "--resume"), err);
    assertTrue(out.contains("finished"), out);
    Path file = sources.resolve("shop/part0/Thing0.java");
    assertEquals(0, run("demo", "--ask", file.toString(), "--out", one.toString()), err);
    assertEquals(13, out.lines().count(), out);
    assertTrue(out.contains("get"), out);
    assertEquals(2, run("demo", "--ask", folder.resolve("No.java").toString(), "--out", one + ""));
  }

  @Test
  void whatADemoWouldWriteIsRefusedByNameAndStays() throws IOException {
    for (String name : List.of("log.jsonl", "model", "phases", "second-task", "metrics.json")) {
      Path dir = folder.resolve("with-" + name);
      Path mine = Files.createDirectories(dir.resolve(name)).resolve("mine");
      Files.writeString(mine, "mine");
      assertEquals(2, demo(dir, "--steps", "1"));
      assertTrue(err.contains(dir.resolve(name).toString()), err);
      assertEquals("mine", Files.readString(mine));
      try (var left = Files.list(dir)) {
        assertEquals(List.of(mine.getParent()), left.toList());
      }
    }
    assertEquals(2, demo(Path.of(""), "--steps", "1"));
    assertTrue(err.contains("empty name"), err);
    assertEquals(2, demo(sources.resolve("shop/part0/Thing0.java"), "--steps", "1"));
    assertTrue(err.contains("is to be a folder"), err);
  }

  @Test
  void twoDemosDoNotRunInOneFolder() throws IOException {
    Path dir = Files.createDirectory(folder.resolve("dir"));
    try (var _ = new DemoFolder(dir).lock()) {
      assertEquals(2, demo(dir, "--steps", "1"));
      assertTrue(err.contains("another demo is running"), err);
    }
  }

  @Test
  void sourcesThatCannotBeReadLeaveTheFolderFree() throws IOException {
    Path dir = folder.resolve("dir");
    Path text = Files.writeString(folder.resolve("text.txt"), "no archive");
    assertEquals(
        2, run("demo", "--out", dir.toString(), "--sources", text.toString(), "--steps", "1"));
    assertEquals(1, err.lines().count(), err);
    assertFalse(Files.exists(dir.resolve("demo.json")));
  }

  private static double number(JsonObject json, String object, String key) {
    return json.required(object, JsonObject::object).required(key, JsonObject::number);
  }

  private int demo(Path dir, String... more) {
    var arguments = new ArrayList<>(List.of("demo", "--out", dir.toString()));
    arguments.addAll(List.of("--sources", sources.toString()));
    arguments.addAll(List.of(more));
    return run(arguments.toArray(String[]::new));
  }

  private static Map<String, Integer> trained(Path dir) throws IOException {
    var files = new TreeMap<>(TinyText.bytes(dir));
    files.keySet().removeIf(f -> !f.startsWith("model/") && !f.startsWith("checkpoints/"));
    assertTrue(files.containsKey("model/model.safetensors"), files.keySet().toString());
    assertTrue(files.containsKey("checkpoints/step-8/optimizer.safetensors"));
    return files;
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
