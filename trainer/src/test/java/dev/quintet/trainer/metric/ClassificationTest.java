package dev.quintet.trainer.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ClassificationTest {
  private static final List<Answered> ROWS =
      List.of(
          new Answered("pos", "pos"),
          new Answered("positive", "pos"),
          new Answered("", "neg"),
          new Answered("neg", "neg"));

  @Test
  void anAnswerThatIsNoLabelIsWrongInAClassOfItsOwn() {
    var metric = new Classification();
    Confusion confusion = metric.confusion(ROWS);
    assertEquals(List.of("<none>", "neg", "pos"), confusion.labels());
    assertEquals(List.of(1, 1, 0), confusion.counts().get(1));
    assertEquals(new Confusion.Mistake("neg", "<none>", 1), confusion.mistakes(1).getFirst());
    assertEquals(0.5, metric.measure(ROWS).scores()[0]);
    assertEquals(
        List.of(
            "2 of 4 predictions are none of the labels: they count as wrong, in the class <none>"),
        metric.measure(ROWS).notes());
    // Of three classes, and of the two that were asked for.
    assertEquals(4 / 9.0, metric.measure(ROWS).scores()[1], 1e-12);
    var asked = new Classification(List.of("pos", "neg"), ZeroDivision.ZERO);
    assertEquals(2 / 3.0, asked.measure(ROWS).scores()[1], 1e-12);
  }

  @Test
  void aRatioToNothingIsLeftOutOfMeansWhereItIsNoNumber() {
    List<String> truth = List.of("a", "a");
    LabelScores nan = LabelScores.of(truth, truth, ZeroDivision.NAN, List.of("a", "b"));
    assertTrue(Double.isNaN(nan.of("b").f1()));
    assertEquals(new PrecisionRecallF1(1, 1, 1), nan.macro());
    LabelScores zero = LabelScores.of(truth, truth, ZeroDivision.ZERO, List.of("a", "b"));
    assertEquals(0.5, zero.macro().f1());
    assertEquals(1, zero.weighted().f1());
  }

  @Test
  void refusesListsOfDifferentLength() {
    assertThrows(
        IllegalArgumentException.class,
        () -> LabelScores.of(List.of("a"), List.of(), ZeroDivision.ZERO));
  }
}
