package dev.quintet.trainer.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.metric.Classification;
import dev.quintet.trainer.metric.Confusion;
import dev.quintet.trainer.metric.ExactMatch;
import dev.quintet.trainer.metric.TagScores;
import dev.quintet.trainer.metric.translation.Ter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ErrorAnalysisTest {

  private static Prediction row(String source, String target, String reply, double loss) {
    return row(source, target, reply, loss, Map.of());
  }

  private static Prediction row(
      String source, String target, String reply, double loss, Map<String, String> columns) {
    return new Prediction(
        new Sample(source, source, List.of(target), new LinkedHashMap<>(columns)),
        new Reply(reply, 3, reply.endsWith("...")),
        loss,
        new LinkedHashMap<>());
  }

  @Test
  void theWorstComeFirstByTheMetricAndOfEqualOnesByTheLoss() {
    var rows =
        List.of(
            row("a", "x", "x", 0.1),
            row("b", "x", "y", 0.5),
            row("c", "x", "y", 2.0),
            row("d", "x", "x", Double.NaN),
            row("e", "x", "x", 0.2));
    ErrorAnalysis found = ErrorAnalysis.of(rows, new ExactMatch("exact"));
    assertEquals(List.of("c", "b", "e"), sources(found.worst()));
    assertEquals(List.of("a", "e"), sources(found.best()));
    assertEquals(List.of("c", "b", "e"), sources(found.unlikeliest()));
    assertEquals(List.of("a", "e"), sources(found.likeliest()));
  }

  @Test
  void whereLessIsBetterTheWorstHaveTheGreatestScore() {
    var rows = List.of(row("a", "one two", "one two", 1), row("b", "one two", "three", 1));
    ErrorAnalysis found = ErrorAnalysis.of(rows, Ter.DEFAULT);
    assertEquals(List.of("b"), sources(found.worst()));
    assertEquals(List.of("a"), sources(found.best()));
  }

  private static List<String> sources(List<ErrorAnalysis.Judged> rows) {
    return rows.stream().map(row -> row.prediction().sample().source()).toList();
  }

  @Test
  void quintilesHoldAllRowsOfALengthAndTheirScoreIsThatOfTheRowsTogether() {
    var rows = new ArrayList<Prediction>();
    for (int i = 0; i < 100; i++) {
      rows.add(row("w ".repeat(1 + i / 10), "x", i < 50 ? "x" : "y", i < 50 ? 0.5 : 1.5));
    }
    ErrorAnalysis found = ErrorAnalysis.of(rows, new ExactMatch("exact"));
    assertEquals(
        List.of(
            new ErrorAnalysis.Group("1 to 2 words", 20, 1, 0.5),
            new ErrorAnalysis.Group("3 to 4 words", 20, 1, 0.5),
            new ErrorAnalysis.Group("5 to 6 words", 20, 0.5, 1),
            new ErrorAnalysis.Group("7 to 8 words", 20, 0, 1.5),
            new ErrorAnalysis.Group("9 to 10 words", 20, 0, 1.5)),
        found.bySource());
    assertEquals(List.of(new ErrorAnalysis.Group("1 words", 100, 0.5, 1)), found.byTarget());
  }

  @Test
  void columnsGroupRowsUnlessEveryRowHasItsOwnValue() {
    var rows = new ArrayList<Prediction>();
    for (int i = 0; i < 90; i++) {
      rows.add(
          row(
              "s" + i,
              "t" + i,
              "t" + (i % 3 == 0 ? i : 0),
              1,
              Map.of("author", "a" + i % 30, "key", "k" + i, "same", "one")));
    }
    ErrorAnalysis found = ErrorAnalysis.of(rows, new ExactMatch("exact"));
    assertEquals(List.of("author"), List.copyOf(found.byColumn().keySet()));
    List<ErrorAnalysis.Group> groups = found.byColumn().getOrDefault("author", List.of());
    assertEquals(21, groups.size());
    assertEquals(new ErrorAnalysis.Group("a0", 3, 1, 1), groups.getFirst());
    assertEquals(30, groups.getLast().rows());
    assertEquals("10 others", groups.getLast().name());
    assertFalse(found.confusion().isPresent(), "ninety answers of ninety rows are no labels");
  }

  @Test
  void answersThatAreCutEmptyRepeatedOrNoLabelAreCounted() {
    var rows = new ArrayList<Prediction>();
    for (int i = 0; i < 10; i++) {
      rows.add(row("a source of words", "yes", "no", 1));
      rows.add(row("short", "no", "no", 1));
    }
    rows.add(row("x", "yes", " \n", 1));
    rows.add(row("x", "yes", "to be to be to be", 1));
    rows.add(row("x", "yes", "on and on ...", 1));
    var measure =
        new ErrorAnalysis.Measure(
            "characters", String::length, OptionalInt.of(6), OptionalInt.empty());
    ErrorAnalysis found = ErrorAnalysis.of(rows, new Classification(), measure);
    ErrorAnalysis.Counts counts = found.counts();
    assertEquals(23, counts.rows());
    assertEquals(1, counts.cutOff());
    assertEquals(1, counts.empty());
    assertEquals(1, counts.looping());
    assertEquals(4, counts.distinct());
    assertEquals(List.of(new ErrorAnalysis.Frequent("no", 20)), counts.frequent());
    assertEquals(OptionalInt.of(3), counts.noLabel());
    assertEquals(OptionalInt.of(10), counts.sourcesCut());
    assertEquals(OptionalInt.empty(), counts.targetsCut());
    assertEquals(
        new Confusion.Mistake("yes", "no", 10),
        found.confusion().orElseThrow().mistakes(1).getFirst());
  }

  @Test
  void manyRowsOfFewAnswersAreLabelsWhateverTheMetric() {
    var rows = new ArrayList<Prediction>();
    for (int i = 0; i < 20; i++) {
      rows.add(row("s" + i, i % 2 == 0 ? "a, b" : "c", "c", 1));
    }
    assertTrue(ErrorAnalysis.of(rows, new TagScores()).confusion().isPresent());
    assertFalse(ErrorAnalysis.of(rows.subList(0, 4), new TagScores()).confusion().isPresent());
  }

  @Test
  void thereMayBeNoRow() {
    ErrorAnalysis found = ErrorAnalysis.of(List.of(), new ExactMatch("exact"));
    assertEquals(List.of(), found.worst());
    assertEquals(List.of(), found.bySource());
  }
}
