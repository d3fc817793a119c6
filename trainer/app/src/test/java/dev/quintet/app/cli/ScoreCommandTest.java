package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScoreCommandTest {

  @TempDir Path folder;

  private String out = "";
  private String err = "";

  private int run(String... arguments) {
    var outText = new StringWriter();
    var errText = new StringWriter();
    String[] all = new String[arguments.length + 1];
    all[0] = "score";
    for (int i = 0; i < arguments.length; i++) {
      all[i + 1] = arguments[i].replace("@", folder + "/");
    }
    int code =
        Main.commands()
            .setOut(new PrintWriter(outText, true))
            .setErr(new PrintWriter(errText, true))
            .execute(all);
    out = outText.toString();
    err = errText.toString();
    return code;
  }

  private void write(String name, String... lines) throws IOException {
    Files.write(folder.resolve(name), java.util.List.of(lines));
  }

  @Test
  void printsScoresWithIntervalsAndHowTheyCameAbout() throws IOException {
    write(
        "p.jsonl",
        "{\"id\": \"1\", \"scores\": {\"x\": 1}, \"targets\": [\"the cat\", \"a dog\"], \"prediction\": \"dog\"}",
        "{\"id\": \"2\", \"scores\": {}, \"targets\": [\"three\"], \"prediction\": \"four\"}");
    assertEquals(0, run("--metric", "squad,bleu", "@p.jsonl"), () -> err);
    assertTrue(out.startsWith("squad/f1     50.0000  [0.0000, 100.0000]\n"), out);
    assertTrue(out.contains("squad  version:1.1\n"), out);
    assertTrue(out.contains("bleu  nrefs:var|bs:1000|seed:12345|case:mixed|eff:no|tok:13a|"), out);
    assertTrue(
        out.endsWith("n = 2; 95 % intervals by bootstrap (percentile), B = 1000, seed = 12345\n"),
        out);
    assertTrue(err.contains("n = 2 rows: intervals from fewer than 30 are too narrow"), err);
  }

  @Test
  void comparesTwoSystemsOnTheSameRows() throws IOException {
    var good = new StringBuilder();
    var bad = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      good.append("%d,%s,%d\n".formatted(i % 3, i % 10 == 0 ? "9" : i % 3, i / 2));
      bad.append("%d,%s,%d\n".formatted(i % 3, i % 2 == 0 ? "9" : i % 3, i / 2));
    }
    Files.writeString(folder.resolve("good.csv"), "label,said,text\n" + good);
    Files.writeString(folder.resolve("bad.csv"), "label,said,text\n" + bad);
    String[] arguments = {
      "--metric",
      "accuracy",
      "--prediction",
      "said",
      "--answer",
      "label",
      "--group",
      "text",
      "--baseline",
      "@bad.csv",
      "--json",
      "--interval",
      "bca",
      "@good.csv"
    };
    assertEquals(0, run(arguments), () -> err);
    JsonObject json = JsonObject.parse("out", out);
    assertEquals(30, json.integer("groups").orElse(0));
    JsonObject score =
        json.required("metrics", JsonObject::object)
            .required("accuracy", JsonObject::object)
            .required("scores", JsonObject::object)
            .required("accuracy", JsonObject::object);
    assertEquals(0.9, score.number("score").orElse(0.0), 1e-12);
    assertEquals(0.5, score.number("baseline").orElse(0.0), 1e-12);
    assertTrue(score.number("p").orElse(1.0) < 0.01, out);
    String first = out;
    assertEquals(0, run(arguments));
    assertEquals(first, out);
  }

  @Test
  void testsDifferencesInThreeWaysAndCorrectsThemForTheirNumber() throws IOException {
    var good = new StringBuilder();
    var alike = new StringBuilder();
    var bad = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      good.append("%d,%s\n".formatted(i % 3, i % 10 == 0 ? "9" : i % 3));
      alike.append("%d,%s\n".formatted(i % 3, i % 10 == 1 ? "9" : i % 3));
      bad.append("%d,%s\n".formatted(i % 3, i % 2 == 0 ? "9" : i % 3));
    }
    Files.writeString(folder.resolve("good.csv"), "label,prediction\n" + good);
    Files.writeString(folder.resolve("alike.csv"), "label,prediction\n" + alike);
    Files.writeString(folder.resolve("bad.csv"), "label,prediction\n" + bad);
    String[] both = {"--metric", "accuracy,classification", "--answer", "label", "@good.csv"};
    assertEquals(
        0,
        run(
            with(
                both,
                "--baseline",
                "@alike.csv",
                "--baseline",
                "@bad.csv",
                "--trials",
                "1000",
                "--json")),
        err);
    JsonObject score =
        JsonObject.parse("out", out)
            .required("metrics", JsonObject::object)
            .required("accuracy", JsonObject::object)
            .required("scores", JsonObject::object)
            .required("accuracy", JsonObject::object);
    var systems = score.required("baselines", JsonObject::list);
    var first = (JsonObject) systems.getFirst();
    var second = (JsonObject) systems.getLast();
    assertTrue(first.string("file").orElse("").endsWith("alike.csv"), out);
    JsonObject exact = second.required("mcnemar", JsonObject::object);
    assertEquals(0, exact.integer("only_baseline_right").orElse(-1));
    assertEquals(24, exact.integer("only_this_right").orElse(-1));
    assertEquals(Math.scalb(1, -23), exact.number("p").orElse(0.0), 1e-15);
    assertEquals(
        4 * Math.scalb(1, -23), exact.number("p_holm").orElse(0.0), 1e-15, "of 4 with such a test");
    assertEquals(
        1,
        first.required("mcnemar", JsonObject::object).number("p").orElse(0.0),
        "6 rows for each system");
    assertEquals(
        1 / 1001.0,
        second.required("randomization", JsonObject::object).number("p").orElse(0.0),
        1e-12);
    assertEquals(0, run(with(both, "--baseline", "@bad.csv", "--test", "mcnemar")), err);
    assertTrue(out.contains("accuracy/accuracy"), out);
    assertTrue(out.contains("McNemar p (Holm)"), out);
    assertTrue(out.contains("<0.0001 (<0.0001)"), out);
    assertTrue(out.endsWith("(Holm): corrected for all differences with such a test\n"), out);
    refused("--baseline", with(both, "--test", "mcnemar"));
    refused("--trials is from 1", with(both, "--baseline", "@bad.csv", "--trials", "0"));
    refused(
        "a row is right or wrong",
        "--metric",
        "bleu",
        "--answer",
        "label",
        "--baseline",
        "@bad.csv",
        "--test",
        "mcnemar",
        "@good.csv");
  }

  private static String[] with(String[] some, String... more) {
    return java.util.stream.Stream.concat(
            java.util.Arrays.stream(some), java.util.Arrays.stream(more))
        .toArray(String[]::new);
  }

  @Test
  void showsEachClassWhereThatIsAskedFor() throws IOException {
    write(
        "p.jsonl",
        "{\"target\": \"a\", \"prediction\": \"a\"}",
        "{\"target\": \"a\", \"prediction\": \"b\"}",
        "{\"target\": \"b\", \"prediction\": \"b\"}",
        "{\"target\": \"b, c\", \"prediction\": \"c\"}");
    assertEquals(0, run("--metric", "classification,tags", "--per-class", "@p.jsonl"), err);
    assertTrue(out.contains("  a was taken for b once\n"), out);
    assertTrue(out.contains("tags by class\n"), out);
    assertTrue(out.matches("(?s).*\n  c +1\\.0000 +1\\.0000 +1\\.0000 +1 +1\n.*"), out);
    assertEquals(0, run("--metric", "classification", "--per-class", "--json", "@p.jsonl"), err);
    JsonObject labels =
        JsonObject.parse("out", out)
            .required("metrics", JsonObject::object)
            .required("classification", JsonObject::object);
    assertEquals(
        0.5,
        labels
            .required("classes", JsonObject::object)
            .required("a", JsonObject::object)
            .number("recall")
            .orElse(0.0));
    assertEquals(
        4,
        labels
            .required("confusion", JsonObject::object)
            .required("labels", JsonObject::list)
            .size());
    refused("has classes", "--metric", "rouge", "--per-class", "@p.jsonl");
  }

  @Test
  void takesTheAnswersFromAFileOfTheirOwn() throws IOException {
    write("p.txt", "Running dogs", "a cat");
    write("r.txt", "run dog", "a cat");
    assertEquals(
        0,
        run("--metric", "rouge", "--set", "rouge.stemmer=true", "--references", "@r.txt", "@p.txt"),
        () -> err);
    assertTrue(out.startsWith("rouge/rouge1     1.0000  ["), out);
    write("r.txt", "run dog");
    assertEquals(2, run("--metric", "rouge", "--references", "@r.txt", "@p.txt"));
    assertTrue(err.contains("r.txt has 1: each prediction wants the answer of its row"), err);
  }

  @Test
  void saysWhatIsWrongInOneLine() throws IOException {
    write("p.jsonl", "{\"prediction\": \"a\", \"answer\": \"a\"}", "{\"prediction\": 1}");
    refused("p.jsonl, line 2: has no field", "--metric", "exact", "@p.jsonl");
    refused("there is no metric \"roug\", did you mean rouge?", "--metric", "roug", "@p.jsonl");
    refused("does not ask for \"bleu\"", "--metric", "exact", "--set", "bleu.x=1", "@p.jsonl");
    refused("has no option \"x\"", "--metric", "exact", "--set", "exact.x=1", "@p.jsonl");
    refused("--set takes METRIC.OPTION=VALUE", "--metric", "exact", "--set", "x=1", "@p.jsonl");
    refused("--resamples is from 1", "--metric", "exact", "--resamples", "0", "@p.jsonl");
    refused("none.jsonl does not exist", "--metric", "exact", "@none.jsonl");
    write("other.jsonl", "{\"said\": \"a\"}");
    refused("name the one that is meant with --prediction", "--metric", "exact", "@other.jsonl");
    write("empty.jsonl");
    refused("has no row to score", "--metric", "exact", "@empty.jsonl");
    write("one.jsonl", "{\"prediction\": \"a\", \"answer\": \"a\"}");
    write("two.jsonl", "{\"prediction\": \"a\", \"answer\": \"b\"}");
    refused(
        "have different right answers",
        "--metric",
        "exact",
        "--baseline",
        "@two.jsonl",
        "@one.jsonl");
  }

  private void refused(String message, String... arguments) {
    assertEquals(2, run(arguments), () -> out + err);
    assertTrue(err.contains(message), err);
    assertEquals("", out);
  }
}
