package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DataCommandTest {
  @TempDir Path folder;

  private String out = "";
  private String err = "";

  @Test
  void filesBecomePartsWithAReport() throws IOException {
    var csv = new StringBuilder("title,body,tags,who\n");
    for (int i = 0; i < 200; i++) {
      csv.append("Title ").append(i).append(",<b>Body</b>  ").append(i).append(",\"x, y\",me\n");
    }
    csv.append("Title 7,Body 7,\"x, y\",me\n");
    Files.writeString(folder.resolve("rows.csv"), csv);
    int code =
        run(
            "data",
            folder + "/*.csv",
            "--source",
            "{title}: {body}",
            "--target",
            "tags",
            "--out",
            folder + "/out",
            "--set",
            "prefix=tag: ",
            "--set",
            "clean.markup=true",
            "--set",
            "keep=[\"who\"]");
    assertEquals(0, code, err);
    assertTrue(out.contains("exact duplicates: 1 of 201 rows are dropped"), out);
    assertTrue(out.matches("(?s).*train: 1[4-7]\\d rows.*"), out);
    String first = Files.readAllLines(folder.resolve("out/train.jsonl")).getFirst();
    assertTrue(
        first.matches(
            "\\{\"id\": \".*rows.csv:\\d+\", \"source\": \"tag: Title \\d+: Body \\d+\", \"target\": \"x, y\", \"who\": \"me\"\\}"),
        first);
    JsonObject report = JsonObject.read(folder.resolve("out/data.json"));
    JsonObject source = (JsonObject) report.list("sources").orElseThrow().getFirst();
    assertEquals(201, source.integer("rows").orElseThrow());
    assertEquals(64, source.string("sha256").orElseThrow().length());
    assertEquals(
        List.of(
            "read",
            "clean",
            "drop",
            "exact duplicates",
            "near duplicates",
            "contradictions",
            "split",
            "leakage"),
        report.list("stages").orElseThrow().stream()
            .map(stage -> ((JsonObject) stage).string("stage").orElseThrow())
            .toList());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void rowsToTrainOnAreAugmentedAndOthersStay(boolean stream) throws IOException {
    var rows = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      rows.append(
          "{\"q\": \"what is number %d\", \"c\": \"one two three four answer%d five\", \"a\": \"answer%d\"}\n"
              .formatted(i, i, i));
    }
    Files.writeString(folder.resolve("rows.jsonl"), rows);
    String[] plain = {
      "data",
      folder + "/rows.jsonl",
      "--source",
      "question: {q} context: {c}",
      "--target",
      "a",
      "--set",
      "stream=" + stream,
      "--out",
      folder + "/plain"
    };
    assertEquals(0, run(plain), err);
    String[] more = Arrays.copyOf(plain, plain.length + 2);
    more[plain.length - 1] = folder + "/more";
    more[plain.length] = "--set";
    more[plain.length + 1] =
        "augment={\"eda\": {\"alpha\": 0.3}, \"copies\": 3, \"columns\": [\"c\"]}";
    assertEquals(0, run(more), err);
    for (String part : List.of("validation.jsonl", "test.jsonl")) {
      assertEquals(
          Files.readString(folder.resolve("plain/" + part)),
          Files.readString(folder.resolve("more/" + part)));
    }
    List<String> before = Files.readAllLines(folder.resolve("plain/train.jsonl"));
    List<String> after = new ArrayList<>(Files.readAllLines(folder.resolve("more/train.jsonl")));
    JsonObject report = JsonObject.read(folder.resolve("more/data.json"));
    var stage = (JsonObject) report.list("stages").orElseThrow().getLast();
    assertEquals(before.size(), stage.integer("rows_in").orElseThrow());
    assertEquals(after.size(), stage.integer("rows_out").orElseThrow());
    JsonObject reasons = stage.object("reasons").orElseThrow();
    int counted = 0;
    for (String reason : reasons.keys()) {
      counted += reasons.object(reason).orElseThrow().integer("rows").orElseThrow();
    }
    assertEquals(3 * before.size(), counted);
    assertTrue(
        reasons.keys().contains("cancelled delete: the answer no longer stands in the source"));
    assertTrue(after.containsAll(before));
    after.removeAll(before);
    assertTrue(after.size() > before.size());
    for (String copy : after) {
      JsonObject row = JsonObject.parse("a copy", copy);
      String source = row.string("source").orElseThrow();
      assertTrue(source.contains(row.string("target").orElseThrow()), copy);
      assertTrue(source.matches("question: what is number \\d+ context: .*"), copy);
      assertTrue(row.string("id").orElseThrow().matches(".*rows.jsonl:\\d+\\+\\d"), copy);
    }
  }

  @Test
  void nothingIsOverwrittenThatItDidNotMake() throws IOException {
    Files.writeString(folder.resolve("rows.jsonl"), rows(50));
    Path taken = Files.createDirectory(folder.resolve("taken"));
    Files.writeString(taken.resolve("train.jsonl"), "mine");
    assertEquals(2, run("data", folder + "/rows.jsonl", "--out", taken.toString()));
    assertTrue(err.contains("nothing is overwritten"), err);
    assertEquals("mine", Files.readString(taken.resolve("train.jsonl")));
    String made = folder + "/made";
    assertEquals(0, run("data", folder + "/rows.jsonl", "--out", made), err);
    byte[] before = Files.readAllBytes(Path.of(made, "data.json"));
    Files.writeString(Path.of(made, "notes.txt"), "mine");
    assertEquals(0, run("data", folder + "/rows.jsonl", "--out", made), err);
    assertArrayEquals(before, Files.readAllBytes(Path.of(made, "data.json")));
    assertEquals("mine", Files.readString(Path.of(made, "notes.txt")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"files\": \"rows.jsonl\", \"out\": \"out\", \"near_duplicate\": \"drop\"} | unknown key \"near_duplicate\" of data; did you mean \"near_duplicates\"?",
        "{\"files\": \"rows.jsonl\", \"out\": \"out\", \"split\": {\"by\": \"groups\"}} | the key \"by\" must be one of",
        "{\"files\": \"rows.jsonl\", \"out\": \"out\", \"split\": {\"by\": \"group\"}} | the key \"column\" of \"split\" is needed",
        "{\"files\": \"rows.jsonl\", \"out\": \"out\", \"split\": {\"test\": 1.5}} | shares add up to 1",
        "{\"files\": \"rows.jsonl\", \"out\": \"out\", \"source\": \"{q\"} | expected the name of a column and a closing brace",
        "{\"files\": \"rows.jsonl\", \"out\": \"out\", \"source\": \"{q}\"} | rows.jsonl, line 1: has no field \"q\"",
        "{\"files\": \"rows.jsonl\", \"out\": \"out\", \"encoding\": \"latin\"} | the key \"encoding\" must be one of",
        "{\"files\": \"rows.jsonl\", \"out\": \"out\", \"drop\": {\"source_tokens\": {\"most\": 3}}} | the key \"tokenizer\" is needed",
        "{\"files\": \"rows.jsonl\", \"out\": \"out\", \"drop\": {\"source_characters\": {\"most\": 2}}} | no rows are left of the 50",
        "{\"files\": \"rows.jsonl\", \"out\": \"out\", \"clean\": {\"normalise\": \"NFC\"}} | unknown key \"normalise\" of \"clean\"",
        "{\"files\": \"none.jsonl\", \"out\": \"out\"} | none.jsonl does not exist",
        "{\"files\": \"*.tsv\", \"out\": \"out\"} | no file has a name of this pattern",
        "{\"files\": \"rows.jsonl\", \"out\": \"out\", \"augment\": {\"copies\": 2}} | \"augment\" names nothing to do",
        "{\"files\": \"rows.jsonl\", \"out\": \"out\", \"augment\": {\"eda\": {\"edits\": [\"swop\"]}}} | the key \"edits\" must be a list of [swap,",
        "{\"files\": \"rows.jsonl\", \"out\": \"out\", \"augment\": {\"eda\": {\"edits\": [\"insert\"]}}} | need synonyms",
        "{\"files\": \"rows.jsonl\", \"out\": \"out\", \"augment\": {\"eda\": true, \"columns\": [\"body\"]}} | the column \"body\" cannot be augmented",
        "{\"files\": \"head.csv\", \"format\": \"csv\", \"out\": \"out\"} | head.csv holds no rows",
        "{\"out\": \"out\"} | no files to read",
        "{\"files\": \"rows.jsonl\"} | the key \"out\" (--out) is needed",
        "{\"files\": \"bad.jsonl\", \"out\": \"out\"} | bad.jsonl, line 3: the JSON does not end in its line"
      })
  void badInputIsOneLineAndNothingIsWritten(String config, String message) throws IOException {
    Files.writeString(folder.resolve("rows.jsonl"), rows(50));
    Files.writeString(folder.resolve("head.csv"), "source,target\n");
    Files.writeString(folder.resolve("bad.jsonl"), rows(2) + "{\"source\": \"x\n");
    String placed =
        config.replaceAll(
            "\"(\\w+\\.jsonl|\\*\\.tsv|head.csv|out)\"(?!:)", "\"" + folder + "/$1\"");
    Files.writeString(folder.resolve("data.cfg"), placed);
    assertEquals(2, run("data", "--config", folder + "/data.cfg"), err);
    assertTrue(err.contains(message), err);
    assertEquals(1, err.lines().count(), err);
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(4, left.count());
    }
  }

  @Test
  void badRowsThatArePassedOverAreCounted() throws IOException {
    Files.writeString(folder.resolve("rows.jsonl"), rows(50) + "{\"source\": 3}\n");
    String out1 = folder + "/out";
    assertEquals(2, run("data", folder + "/rows.jsonl", "--out", out1, "--set", "bad_rows=skip"));
    assertTrue(err.contains("1 of 51 rows break the rules"), err);
    assertEquals(
        0,
        run(
            "data",
            folder + "/rows.jsonl",
            "--out",
            out1,
            "--set",
            "bad_rows=skip",
            "--set",
            "bad_rows_limit=0.1"),
        err);
    assertTrue(err.contains("1 rows that break the rules are passed over"), err);
  }

  @Test
  void helpListsEveryKey() {
    assertEquals(0, run("data", "--help"));
    DataKey.keys().forEach(key -> assertTrue(out.contains("  " + key + " "), key));
  }

  @Test
  void aTrainingTakesPreparedDataStreamedOrNotAndGoesOn() throws IOException {
    Path model = folder.resolve("model");
    try (TextToText text = TinyText.model(0, 1)) {
      text.save(model);
    }
    TinyText.jsonl(folder.resolve("rows.jsonl"), 120, 1);
    String data =
        "\"data\": {\"files\": \"%s/rows.jsonl\", \"source\": \"question\", \"target\": \"{answer}\", \"stream\": %s}, ";
    for (boolean streamed : new boolean[] {false, true}) {
      String out1 = folder + "/run" + streamed;
      String config =
          "{\"model\": \"%s\", %s\"out\": \"%s\", \"steps\": 6, \"batch_size\": 4}"
              .formatted(model, data.formatted(folder, streamed), out1);
      Files.writeString(folder.resolve("train.cfg"), config);
      assertEquals(0, run("train", "--config", folder + "/train.cfg"), err);
      Path report = Path.of(out1, streamed ? "data/data.json" : "data.json");
      assertTrue(Files.exists(report));
      assertTrue(Files.exists(Path.of(out1, "last")));
      assertEquals(2, run("train", "--config", folder + "/train.cfg"));
      assertEquals(0, run("train", "--config", folder + "/train.cfg", "--resume"), err);
      assertTrue(out.contains("nothing left to do"), out);
    }
    String anew =
        data.replace("\"stream\": %s", "\"augment\": {\"eda\": true, \"each_epoch\": true}");
    Files.writeString(
        folder.resolve("train.cfg"),
        "{\"model\": \"%s\", %s\"out\": \"%s/anew\", \"steps\": 2, \"batch_size\": 4}"
            .formatted(model, anew.formatted(folder), folder));
    assertEquals(0, run("train", "--config", folder + "/train.cfg"), err);
    assertTrue(Files.readString(folder.resolve("anew/data.json")).contains(LearnedRows.ANEW));
    assertTrue(losses("runtrue").size() > 6);
    for (String run : List.of("runtrue", "runfalse")) {
      assertTrue(Files.readString(folder.resolve(run + "/log.jsonl")).contains("test_loss"));
    }
  }

  @Test
  void aTrainingReadsCsvByItsName() throws IOException {
    Path model = folder.resolve("model");
    try (TextToText text = TinyText.model(0, 1)) {
      text.save(model);
    }
    Files.writeString(folder.resolve("rows.csv"), "q,a\nred,blue\ngreen,red\n\"one, two\",left\n");
    String config =
        "{\"model\": \"%s\", \"train\": \"%s/rows.csv\", \"source_field\": \"q\", \"target_field\": \"a\", \"out\": \"%2$s/run\", \"steps\": 1}"
            .formatted(model, folder);
    Files.writeString(folder.resolve("train.cfg"), config);
    assertEquals(0, run("train", "--config", folder + "/train.cfg"), err);
    assertFalse(err.contains("dropped"), err);
  }

  private List<String> losses(String run) throws IOException {
    return Files.readAllLines(folder.resolve(run).resolve("log.jsonl"));
  }

  private static String rows(int count) {
    var rows = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      rows.add("{\"source\": \"question number " + i + "\", \"target\": \"answer " + i + "\"}\n");
    }
    return rows.stream().collect(Collectors.joining());
  }

  private int run(String... args) {
    var written = new StringWriter();
    var failed = new StringWriter();
    int code =
        Main.commands()
            .setOut(new PrintWriter(written))
            .setErr(new PrintWriter(failed))
            .execute(Arrays.copyOf(args, args.length));
    out = written.toString();
    err = failed.toString();
    return code;
  }
}
