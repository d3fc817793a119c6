package dev.quintet.app.tuning;

import static dev.quintet.app.tuning.Results.score;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.app.Chromium;
import dev.quintet.core.io.JsonText;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.metric.Answered;
import dev.quintet.trainer.score.Metrics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {
  @TempDir Path folder;

  private static Design design(boolean higher) {
    return new Design(
        List.of(
            new Design.Method("full", "full"),
            new Design.Method("lora", "lora"),
            new Design.Method("prompt", "prompt")),
        List.of(new Design.Task("tags", "score", higher), new Design.Task("sums", "score", higher)),
        List.of(0L, 1L),
        "full",
        0.9,
        Optional.of(new Design.Transfer(List.of("lora"), 20)));
  }

  private static Comparison comparison() {
    var results = new ArrayList<TrialResult>();
    for (String task : List.of("tags", "sums")) {
      for (long seed = 0; seed < 2; seed++) {
        results.add(Results.of(task, "full", seed, score(0.8 + seed / 10.0, 0.01), 0.1, 0.5, 1));
        results.add(Results.of(task, "lora", seed, score(0.5, 0.01), 0.1, 0.2, 0.3));
        results.add(Results.of(task, "prompt", seed, score(0.5, 0.01), 0.1, 0.95, 0.2));
      }
    }
    for (String task : List.of("tags", "sums")) {
      results.add(Results.transferred(task, "lora", Trial.Start.AFRESH, 0.1, 0.2));
      results.add(
          Results.transferred(task, "lora", new Trial.Start(Optional.of("tags")), 0.3, 0.4));
      results.add(
          Results.transferred(task, "lora", new Trial.Start(Optional.of("sums")), 0.3, 0.4));
    }
    return new Comparison(design(true), results, List.of());
  }

  @Test
  void scoresAreMeansOverSeedsAndEqualOnesShareTheirPlaces() {
    Comparison comparison = comparison();
    assertEquals(0.85, comparison.cell("tags", "full").orElseThrow().score().value(), 1e-9);
    assertEquals(OptionalDouble.of(1), comparison.rank("full"));
    assertEquals(OptionalDouble.of(2.5), comparison.rank("lora"));
    assertEquals(OptionalDouble.of(2.5), comparison.rank("prompt"));
    assertEquals(0.5, comparison.overall("lora").orElseThrow().value(), 1e-9);
  }

  @Test
  void theMarkIsAShareOfTheReferencesBestOnTheSameTaskAndSeed() {
    Comparison comparison = comparison();
    Speed full = comparison.speed("tags", "full").orElseThrow();
    assertEquals(2, full.reached());
    assertEquals(20, full.steps().value());
    assertEquals(2, full.seconds().value());
    assertEquals(10, comparison.speed("tags", "prompt").orElseThrow().steps().value());
    Speed lora = comparison.speed("lora").orElseThrow();
    assertEquals(0, lora.reached());
    assertEquals(4, lora.of());
    assertEquals(20, lora.steps().value());
  }

  @Test
  void whereLessIsBetterPlacesAndMarksAreTurnedRound() {
    var results =
        List.of(
            Results.of("tags", "full", 0, score(30, 1), 90, 50, 36),
            Results.of("tags", "lora", 0, score(40, 1), 90, 40, 50),
            Results.of("tags", "prompt", 0, score(50, 1), 90, 80, 70));
    var comparison = new Comparison(design(false), results, List.of());
    assertEquals(OptionalDouble.of(1), comparison.rank("tags", "full"));
    assertEquals(OptionalDouble.of(3), comparison.rank("tags", "prompt"));
    assertEquals(Optional.of(40.0), comparison.mark("tags", 0));
    assertEquals(10, comparison.speed("tags", "lora").orElseThrow().steps().value());
    assertEquals(Optional.empty(), comparison.overall("full"), "a task has no results");
  }

  @Test
  void aResultIsTheSameWhenItIsReadFromAJournal() {
    List<Answered> rows = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      rows.add(new Answered(i % 3 == 0 ? "a" : "b", "a"));
    }
    Score score = Score.of(Metrics.named("accuracy"), "accuracy", rows, 7);
    assertEquals(0.333333, score.value());
    assertTrue(score.low() < 0.3 && score.high() > 0.4, score.low() + " to " + score.high());
    TrialResult result = Results.of("tags", "full", 3, score, 0.1, Double.NaN, 1);
    String line = JsonText.line(result.json());
    TrialResult read = TrialResult.of(JsonObject.parse("a line", line));
    assertEquals(line, JsonText.line(read.json()));
    assertEquals(score.low(), read.score().low());
    TrialResult moved =
        Results.transferred("tags", "lora", new Trial.Start(Optional.of("sums")), 0.1, 0.2);
    assertEquals(
        moved.trial(),
        TrialResult.of(JsonObject.parse("a line", JsonText.line(moved.json()))).trial());
  }

  @Test
  void aReportHoldsTablesWordsNumbersAndAPicture() throws Exception {
    var report = new TuningReport(comparison(), Map.of("base", "t5-small & <more>"));
    assertEquals(Optional.empty(), report.write(folder));
    String page = Files.readString(folder.resolve("report.html"));
    assertTrue(page.contains("t5-small &amp; &lt;more&gt;"), page);
    assertTrue(page.contains("Ranking. The paper has full &gt; LoRA"), page);
    JsonObject numbers = JsonObject.read(folder.resolve("report.json"));
    assertEquals(
        2.5,
        numbers
            .object("overall")
            .orElseThrow()
            .object("lora")
            .orElseThrow()
            .number("mean_place")
            .orElseThrow());
    assertTrue(ImageIO.read(folder.resolve("curves.png").toFile()).getWidth() > 1000);
    String text = report.text();
    assertTrue(text.contains("adapter of sums  0.300 → 0.400  0.300 → 0.400"), text);
    assertTrue(text.contains("never"), text);
  }

  @Test
  void failuresAreSaidAndLeftOut() {
    var failure =
        new Comparison.Failure(
            new Trial("tags", "lora", 1, Optional.empty()), "the loss was never finite");
    var comparison =
        new Comparison(
            design(true),
            List.of(Results.of("tags", "full", 0, score(1, 0), 0, 1)),
            List.of(failure));
    String text = new TuningReport(comparison, Map.of()).text();
    assertTrue(
        text.contains(
            "1 training failed and is left out: lora on tags, seed 1: the loss was never finite"),
        text);
    assertTrue(text.contains("lora    failed"), text);
  }

  @Test
  @Tag("slow")
  void thePageFitsIntoNarrowAndWideWindows() throws Exception {
    new TuningReport(comparison(), Map.of("base", "a ".repeat(300))).write(folder);
    String page = Files.readString(folder.resolve("report.html"));
    for (int width : List.of(360, 1200)) {
      Path place = Files.createDirectory(folder.resolve("width-" + width));
      String asked =
          page.replaceFirst("<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "")
              .replace(
                  "</body>",
                  "<script>onload = () => parent.postMessage(%s, \"*\");</script></body>"
                      .formatted(Chromium.TOO_WIDE.strip()));
      assertEquals("", Chromium.told(place, asked, width), "at " + width);
    }
  }
}
