package dev.quintet.trainer.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class NameScoresTest {
  @Test
  void countsWordsAsMultisetsOverAllExamples() {
    // Common words: 2, then 1 of get get, then 1; guessed 2 + 3 + 1, actual 2 + 1 + 3.
    var scores =
        NameScores.of(
            List.of("get name", "get", "close all files"),
            List.of("name get", "get get it", "close"));
    assertEquals(new NameScores(3, 0, 4, 6, 6), scores);
    assertEquals(4 / 6.0, scores.precision(), 1e-15);
    assertEquals(4 / 6.0, scores.recall(), 1e-15);
    assertEquals(4 / 6.0, scores.f1(), 1e-15);
  }

  @Test
  void exactMatchLooksAtTheOrder() {
    var scores = NameScores.of(List.of("a b", "a b", "c"), List.of("a b", "b a", " c "));
    assertEquals(2 / 3.0, scores.exactMatch(), 1e-15);
    assertEquals(1.0, scores.f1(), 0);
    assertEquals(Math.sqrt(2 / 9.0 / 3), scores.exactMatchError(), 1e-15);
  }

  @Test
  void precisionAndRecallDiffer() {
    var scores = NameScores.of(List.of("a b c d", "e"), List.of("a", ""));
    assertEquals(1.0, scores.precision(), 0);
    assertEquals(0.2, scores.recall(), 1e-15);
    assertEquals(2 * 0.2 / 1.2, scores.f1(), 1e-15);
  }

  @Test
  void nothingScoresZeroAndAddsNothing() {
    assertEquals(0, NameScores.NONE.f1(), 0);
    assertEquals(0, NameScores.NONE.exactMatch(), 0);
    assertEquals(0, NameScores.NONE.exactMatchError(), 0);
    var scores = NameScores.of(List.of("a b"), List.of("a"));
    assertEquals(scores, scores.plus(NameScores.NONE));
    assertEquals(NameScores.of(List.of("a b", "a b"), List.of("a", "a")), scores.plus(scores));
  }

  @Test
  void refusesListsOfDifferentLength() {
    assertThrows(IllegalArgumentException.class, () -> NameScores.of(List.of("a"), List.of()));
  }
}
