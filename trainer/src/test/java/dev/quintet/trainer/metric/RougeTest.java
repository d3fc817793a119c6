package dev.quintet.trainer.metric;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class RougeTest {

  @Test
  void saysHowManyAnswersHaveNoWordThatItSees() {
    Measured measured =
        new Rouge(true)
            .measure(
                List.of(
                    new Answered("\u4eca\u65e5", "\u4eca\u65e5"),
                    new Answered("", ""),
                    new Answered("one", "one")));
    assertEquals(1 / 3.0, measured.scores()[0], 1e-12);
    assertEquals(1, measured.notes().size());
    assertEquals("1 of 3 rows", measured.notes().getFirst().substring(0, 11));
  }

  @Test
  void countsRunsOfAnyLength() {
    var row = new Answered("a b c d x a b c", "a b c d a b c");
    var metric = new Rouge(List.of("rouge3", "rouge4", "rouge9"), false, Rouge.Split.NEWLINE);
    List<PrecisionRecallF1> scores = metric.score(row);
    assertEquals(PrecisionRecallF1.of(3, 6, 5), scores.get(0));
    assertEquals(PrecisionRecallF1.of(1, 5, 4), scores.get(1));
    assertEquals(PrecisionRecallF1.ZERO, scores.get(2));
  }

  @Test
  void sentencesEndAtLineBreaksOrBehindFullStopsToo() {
    assertEquals(
        List.of("Dr. A. Smith left.", "\"Why?\"", "He saw approx. ten, e.g. two!"),
        Sentences.of("Dr. A. Smith left. \"Why?\" He saw approx. ten, e.g. two! "));
    var row = new Answered("He ran. She sat.", "She sat. He ran.");
    List<String> summary = List.of("rougeLsum");
    assertEquals(
        0.5, new Rouge(summary, false, Rouge.Split.NEWLINE).score(row).getFirst().f1(), 1e-12);
    assertEquals(
        1, new Rouge(summary, false, Rouge.Split.SENTENCE).score(row).getFirst().f1(), 1e-12);
  }

  @Test
  void marksNoPlaceTwiceAndNeverMoreThanTheSubsequence() {
    int[] target = {1, 2, 3, 4, 5, 1};
    int[] guess = {1, 3, 2, 5, 1};
    var places = new java.util.BitSet();
    CommonSubsequence.mark(target, guess, places);
    assertEquals(CommonSubsequence.length(target, guess), places.cardinality());
    assertArrayEquals(new int[] {0, 1, 4, 5}, places.stream().toArray());
  }

  @Test
  void refusesTypesItDoesNotKnow() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Rouge(List.of("rouge0"), false, Rouge.Split.NEWLINE));
    assertThrows(
        IllegalArgumentException.class, () -> new Rouge(List.of(), false, Rouge.Split.NEWLINE));
  }
}
