package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.json.JsonObject;
import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import dev.quintet.tokenizers.bytes.ByteTokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompareTokenizersCommandTest {

  @TempDir Path folder;

  private String out = "";
  private String err = "";

  @BeforeEach
  void makeTokenizersAndTexts() throws IOException {
    List<String> corpus =
        IntStream.range(0, 200).mapToObj(i -> "red green blue " + i + "\n").toList();
    ByteBpeTrainer.of(300).train(corpus).write(folder.resolve("bpe.json"));
    ByteTokenizer.of(ByteTokenizer.Sentinels.AFTER_BYTES).save(folder.resolve("bytes"));
    Path texts = Files.createDirectories(folder.resolve("texts/deep/.git"));
    Files.writeString(texts.resolve("hidden.txt"), "not this");
    Files.writeString(folder.resolve("texts/deep/a.java"), "red();\r\nblue();\r\n");
    Files.writeString(folder.resolve("texts/b.TXT"), "green\n");
    Files.writeString(folder.resolve("texts/binary.txt"), "a\0b");
    Files.writeString(folder.resolve("lines.jsonl"), "\"red\\n\"\n\n\"green\"\n");
  }

  private int run(String input, String... arguments) {
    var outText = new StringWriter();
    var errText = new StringWriter();
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
    try {
      String[] all = new String[arguments.length + 1];
      all[0] = "compare-tokenizers";
      for (int i = 0; i < arguments.length; i++) {
        all[i + 1] = arguments[i].replace("@", folder + "/");
      }
      return Main.commands()
          .setOut(new PrintWriter(outText, true))
          .setErr(new PrintWriter(errText, true))
          .execute(all);
    } finally {
      System.setIn(before);
      out = outText.toString();
      err = errText.toString();
    }
  }

  private JsonObject json() {
    return JsonObject.parse("the output", out);
  }

  private static JsonObject within(JsonObject json, String key) {
    return json.required(key, JsonObject::object);
  }

  private static JsonObject within(JsonObject json, String key, int item) {
    return (JsonObject) json.required(key, JsonObject::list).get(item);
  }

  private static int count(JsonObject json, String key) {
    return json.required(key, JsonObject::integer);
  }

  private static String text(JsonObject json, String key) {
    return json.required(key, JsonObject::string);
  }

  @Test
  void printsATableForEachTypeAndForAll() {
    assertEquals(0, run("", "bytes=@bytes", "bpe=@bpe.json", "--input", "@texts"), err);
    assertTrue(out.startsWith("java (1 text, 17 bytes)\n"), out);
    assertTrue(out.contains("\ntxt (1 text, 6 bytes)\n"), out);
    assertTrue(out.contains("\nall (2 texts, 23 bytes)\n"), out);
    assertTrue(out.contains("  bytes       1.000      1.0000       1.000      0.000%"), out);
    assertFalse(out.contains("loses"), out);
    assertEquals("files and folders passed over: 1 that are no UTF-8 text, 1 hidden", err.strip());
  }

  @Test
  void printsJsonForScripts() {
    assertEquals(
        0,
        run(
            "red\r\ngreen </s>\n",
            "@bytes",
            "bpe=@bpe.json",
            "--baseline",
            "bpe",
            "--json",
            "--threads",
            "2"),
        err);
    JsonObject root = json();
    assertEquals("bpe", text(root, "baseline"));
    JsonObject all = within(root, "all");
    assertEquals(2, count(all, "texts"));
    assertEquals(13, count(all, "bytes"));
    JsonObject bytes = within(all, "tokenizers", 0);
    assertEquals(folder + "/bytes", text(bytes, "name"));
    // ByT5 takes the space before </s> for a part of it.
    assertEquals(3 + 6, count(bytes, "tokens"));
    assertEquals(1, count(bytes, "lossy_texts"));
    assertEquals("- line 2", text(within(bytes, "first_loss"), "source"));
    assertEquals(5, count(within(bytes, "first_loss"), "character"));
    assertEquals(1.0, within(all, "tokenizers", 1).required("nsl", JsonObject::number));
    assertEquals("standard input", text(within(root, "types", 0), "type"));
  }

  @Test
  void readsLinesAndJsonStrings() {
    assertEquals(0, run("", "@bytes", "--input", "@lines.jsonl", "--unit", "jsonl", "--json"), err);
    assertEquals("blank lines passed over: 1", err.strip());
    assertEquals(2, count(within(json(), "all"), "texts"));
    assertEquals(9, count(within(json(), "all"), "bytes"));
    assertEquals(
        0, run("", "@bytes", "--input", "@texts/deep/a.java", "--unit", "line", "--json"), err);
    assertEquals(2, count(within(json(), "all"), "texts"));
    assertEquals(13, count(within(json(), "all"), "bytes"));
    assertEquals(0, run("a\n\nb", "@bytes", "--input", "-", "--unit", "file", "--json"), err);
    assertEquals(4, count(within(json(), "all"), "bytes"));
  }

  @Test
  void cutsLargeFilesAtLineEnds() throws IOException {
    String line = "é".repeat(500) + "\n";
    Files.writeString(folder.resolve("large.txt"), line.repeat(3000) + "é".repeat(1_000_000));
    assertEquals(0, run("", "@bytes", "--input", "@large.txt", "--json"), err);
    JsonObject all = within(json(), "all");
    assertEquals(1001 * 3000 + 2_000_000, count(all, "bytes"));
    assertEquals(501 * 3000 + 1_000_000, count(all, "characters"));
    assertEquals(5, count(all, "texts"));
  }

  @ParameterizedTest
  @CsvSource({
    "'',                                   MODEL",
    "@none,                                none",
    "@bytes --baseline other,              --baseline",
    "@bytes @bytes,                        NAME=MODEL",
    "@bytes --threads 0,                   --threads",
    "@bytes --unit page,                   --unit",
    "@bytes --input @none,                 none",
    "@bytes --input @texts/b.TXT --unit jsonl, line 1",
    "@bytes,                               no text"
  })
  void badUsageIsOneLineAndExitCodeTwo(String arguments, String named) {
    assertEquals(2, run("", arguments.isEmpty() ? new String[0] : arguments.split(" ")), out);
    assertEquals("", out);
    assertEquals(1, err.lines().count(), err);
    assertTrue(err.startsWith("quintet compare-tokenizers: ") && err.contains(named), err);
  }
}
