package dev.quintet.app.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.app.Chromium;
import dev.quintet.models.json.JsonObject;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunReportTest {
  /// Every tag that a report may hold; texts of rows must never become one.
  private static final List<String> TAGS =
      List.of(
          "html",
          "head",
          "meta",
          "link",
          "title",
          "style",
          "body",
          "main",
          "h1",
          "h2",
          "p",
          "nav",
          "a",
          "section",
          "div",
          "table",
          "thead",
          "tbody",
          "tr",
          "th",
          "td",
          "details",
          "summary",
          "pre",
          "figure",
          "svg",
          "text",
          "line",
          "circle",
          "polyline",
          "b",
          "i",
          "span");

  @TempDir private Path folder;

  private SampleRun whole() throws Exception {
    SampleRun run =
        new SampleRun(folder)
            .predictions("0", 36, 1)
            .predictions("40", 36, 3)
            .predictions("test", 60, 4)
            .test(60, 1)
            .data();
    BaselineAnswers.write(folder, SampleRun.samples(80));
    return run;
  }

  @Test
  void theNumbersHaveScoresWithIntervalsBesideBaselinesAndTheStartModel() throws Exception {
    whole();
    RunReport.of(folder).write();
    JsonObject json = JsonObject.read(folder.resolve("report.json"));
    JsonObject scores = json.object("scores").orElseThrow();
    assertEquals(60, scores.integer("rows").orElseThrow());
    assertEquals(1000, scores.integer("resamples").orElseThrow());
    JsonObject accuracy = DataPart.objects(scores, "scores").getFirst();
    assertEquals("accuracy/accuracy", accuracy.string("name").orElseThrow());
    assertEquals(0.75, accuracy.number("score").orElseThrow());
    assertTrue(accuracy.number("low").orElseThrow() < 0.75);
    assertTrue(accuracy.number("high").orElseThrow() > 0.75);
    List<JsonObject> rivals = DataPart.objects(accuracy, "compared_with");
    assertEquals(
        List.of("majority", "first_sentence", "nearest"),
        rivals.stream().map(rival -> rival.string("system").orElseThrow()).toList());
    assertEquals(1 / 3.0, rivals.getFirst().number("score").orElseThrow(), 1e-12);
    assertEquals(1, rivals.getLast().number("score").orElseThrow(), "it has learned the test rows");
    assertTrue(
        rivals.getFirst().number("p_holm").orElseThrow()
            >= rivals.getFirst().number("p").orElseThrow());
    JsonObject start = json.object("beside_start").orElseThrow();
    assertEquals(
        "start",
        DataPart.objects(DataPart.objects(start, "scores").getFirst(), "compared_with")
            .getFirst()
            .string("system")
            .orElseThrow());
    assertEquals(1, json.object("course").orElseThrow().integer("steps_not_finite").orElseThrow());
    assertEquals(
        15,
        json.object("errors")
            .orElseThrow()
            .object("counts")
            .orElseThrow()
            .integer("no_label")
            .orElseThrow());
  }

  @Test
  void noTextOfARowBecomesMarkup() throws Exception {
    whole();
    String page = RunReport.of(folder).html();
    var tags = Pattern.compile("<([a-zA-Z!/][^\\s>]*)").matcher(page);
    while (tags.find()) {
      String name = tags.group(1).replaceFirst("^/", "");
      assertTrue(name.equals("!doctype") || TAGS.contains(name), () -> "<" + name);
    }
    assertFalse(page.contains("\u0000"));
    assertFalse(page.contains("http:") || page.contains("https:"), "it asks nothing of a network");
    assertTrue(page.contains("&lt;script&gt;document.title=&#39;taken&#39;&lt;/script&gt;"));
  }

  @Test
  void theSameFolderGivesTheSameBytes() throws Exception {
    whole();
    RunReport.of(folder).write();
    String page = Files.readString(folder.resolve("report.html"));
    String numbers = Files.readString(folder.resolve("report.json"));
    RunReport.of(folder).write();
    assertEquals(page, Files.readString(folder.resolve("report.html")));
    assertEquals(numbers, Files.readString(folder.resolve("report.json")));
  }

  @Test
  void aRunThatEndedEarlySaysSoAndScoresWhatItHas() throws Exception {
    new SampleRun(folder).history(Map.of()).predictions("40", 20, 3);
    String killed = RunReport.of(folder).html();
    assertTrue(
        killed.contains(
            "Without an end: it was killed, or still runs; the log has 60 of 60 steps."));
    assertTrue(killed.contains("These are scores of the validation part"));
    assertTrue(killed.contains("Only 20 rows: intervals from fewer than 30 are too narrow"));
    assertTrue(killed.contains("There is no comparison with baselines"));
    new SampleRun(folder).history(Map.of("how", "failed", "message", "10 steps <in> a row"));
    assertTrue(
        RunReport.of(folder)
            .html()
            .contains("Failed after 60 of 60 steps: 10 steps &lt;in&gt; a row"));
    new SampleRun(folder).history(Map.of("how", "stopped"));
    assertTrue(
        RunReport.of(folder).html().contains("Stopped before its end, after 60 of 60 steps"));
  }

  @Test
  void aSecondLookAtTheTestPartIsAWarning() throws Exception {
    whole().test(60, 3);
    assertTrue(RunReport.of(folder).html().contains("It was looked at 3 times. What was chosen"));
  }

  @Test
  void aRunOfWhichLittleIsKnownHasAReportToo() throws Exception {
    Files.writeString(folder.resolve("run.json"), "{}");
    String page = RunReport.of(folder).html();
    assertTrue(page.contains("How it ended is not known"));
    assertTrue(page.contains("The log has no step yet."));
    assertTrue(page.contains("No answers were scored"));
  }

  @Test
  void whatIsNoReportIsNotOverwritten() throws Exception {
    whole();
    Files.writeString(folder.resolve("report.html"), "mine");
    RunReport report = RunReport.of(folder);
    var thrown = assertThrows(UncheckedIOException.class, report::write);
    assertTrue(String.valueOf(thrown.getMessage()).contains("report.html"), thrown::getMessage);
    assertEquals("mine", Files.readString(folder.resolve("report.html")));
    assertFalse(Files.exists(folder.resolve("report.json")));
    assertThrows(IllegalArgumentException.class, () -> RunReport.of(folder.resolve("none")));
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThrows(IllegalArgumentException.class, () -> RunReport.of(empty));
  }

  @ParameterizedTest
  @ValueSource(ints = {1280, 390})
  void nothingSticksOutOfTheWindow(int width) throws Exception {
    whole();
    String page =
        RunReport.of(folder)
            .html()
            .replaceFirst("<meta http-equiv[^>]*>", "")
            .replace("<details>", "<details open>")
            .replace(
                "</body>",
                """
                <script>setTimeout(() => parent.postMessage("charts "
                  + document.querySelectorAll("svg.chart").length
                  + ", title " + document.title.slice(0, 9) + ", scripts " + document.scripts.length
                  + ", too wide: " + %s, "*"), 100);</script></body>
                """
                    .formatted(Chromium.TOO_WIDE));
    assertEquals(
        "charts 6, title Report of, scripts 1, too wide: ",
        Chromium.told(Files.createDirectory(folder.resolve("look")), page, width));
  }
}
