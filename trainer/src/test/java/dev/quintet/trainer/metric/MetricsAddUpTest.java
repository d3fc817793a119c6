package dev.quintet.trainer.metric;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What every metric owes to batches, bootstraps and reports.
class MetricsAddUpTest {
  private static final List<Answered> ROWS = rows();

  static Stream<Metric> metrics() {
    return Stream.of(
        new Classification(),
        new Classification(List.of("spring boot", "never"), ZeroDivision.NAN),
        new ExactMatch("exact"),
        new NameMetric(),
        new Rouge(true),
        new Rouge(List.of("rouge3", "rougeLsum"), false, Rouge.Split.SENTENCE),
        new Squad(Squad.Version.V1_1),
        new Squad(Squad.Version.V2),
        new Squad(Squad.Version.TRIVIA_QA),
        new TagScores());
  }

  @ParameterizedTest
  @MethodSource("metrics")
  void anyOrderOfRowsAndAnyCutIntoPartsGivesTheSameScores(Metric metric) {
    Measured measured = metric.measure(ROWS);
    double[] all = measured.scores();
    assertEquals(metric.names().size(), all.length);
    assertEquals(ROWS.size(), measured.rows());

    var shuffled = new ArrayList<>(ROWS);
    Collections.reverse(shuffled);
    assertArrayEquals(all, metric.measure(shuffled).scores(), 1e-12);

    double[][] statistics = measured.statistics();
    assertEquals(ROWS.size(), statistics.length);
    double[] sums = new double[measured.width()];
    for (int row = statistics.length - 1; row >= 0; row--) {
      assertEquals(sums.length, statistics[row].length);
      for (int i = 0; i < sums.length; i++) {
        sums[i] += statistics[row][i];
      }
    }
    assertArrayEquals(all, measured.scores(sums, ROWS.size()), 1e-12);
    measured.add(3, 2, sums);
    measured.add(3, -2, sums);
    assertArrayEquals(all, measured.scores(sums, ROWS.size()), 1e-9);
  }

  @ParameterizedTest
  @MethodSource("metrics")
  void noRowsHaveScoresToo(Metric metric) {
    Measured none = metric.measure(List.of());
    assertEquals(metric.names().size(), none.scores().length);
    assertEquals(0, none.rows());
  }

  @ParameterizedTest
  @MethodSource("metrics")
  void nothingIsBetterThanTheAnswerItself(Metric metric) {
    List<Answered> right =
        ROWS.stream().map(row -> new Answered(row.answers().getFirst(), row.answers())).toList();
    double[] best = metric.measure(right).scores();
    double[] real = metric.measure(ROWS).scores();
    for (int i = 0; i < best.length; i++) {
      int sign = metric.higherIsBetter(metric.names().get(i)) ? 1 : -1;
      assertFalse(sign * best[i] < sign * real[i], metric.names().get(i));
    }
  }

  @Test
  void ofSeveralAnswersTheBestCounts() {
    var row = new Answered("the red fox", List.of("a blue cat", "red fox", "the fox"));
    assertArrayEquals(
        new double[] {100, 100}, new Squad(Squad.Version.V1_1).measure(List.of(row)).scores());
    assertEquals(0.8, new Rouge(false).score(row).getFirst().f1(), 1e-12);
    assertEquals(0.8, new NameMetric().measure(List.of(row)).scores()[0], 1e-12);
    assertEquals(0, new ExactMatch("exact").measure(List.of(row)).scores()[0]);
  }

  private static List<Answered> rows() {
    String[] words = {
      "java", "spring boot", "c#", "the", "caf\u00e9", "run", "running", "\ud83d\ude00"
    };
    var rows = new ArrayList<Answered>();
    for (int i = 0; i < 40; i++) {
      String answer = words[i % 8] + (i % 3 == 0 ? ", " + words[(i * 5 + 1) % 8] + ". Then\n" : "");
      String guess = i % 4 == 0 ? answer : words[(i * 3) % 7] + ", " + words[i % 5];
      rows.add(
          new Answered(
              i % 7 == 0 ? "" : guess,
              i % 5 == 0 ? List.of(answer, words[i % 4]) : List.of(answer)));
    }
    return rows;
  }
}
