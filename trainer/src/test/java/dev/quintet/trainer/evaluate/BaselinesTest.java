package dev.quintet.trainer.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quintet.trainer.data.Sample;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BaselinesTest {
  private static final List<Sample> TRAIN =
      samples(
          "topic: A red fox. It ran.", "animal",
          "topic: A steel bolt. It held!", "tool",
          "topic: A grey wolf. It slept.", "animal",
          "topic: A copper nail. It bent.", "tool");

  private static List<Sample> samples(String... sourcesAndAnswers) {
    return IntStream.range(0, sourcesAndAnswers.length / 2)
        .mapToObj(i ->
            new Sample("" + i, sourcesAndAnswers[2 * i], List.of(sourcesAndAnswers[2 * i + 1])))
        .toList();
  }

  private static List<String> texts(Answerer answerer, String... sources) {
    return answerer.answer(List.of(sources)).stream().map(Reply::text).toList();
  }

  @Test
  void theMajorityIsTheMostFrequentAnswerAndOfEquallyFrequentOnesTheFirst() {
    assertEquals(List.of("animal", "animal"), texts(Baselines.majority(TRAIN), "x", "y"));
    assertEquals(List.of("tool"), texts(Baselines.majority(TRAIN.subList(1, 4)), "x"));
  }

  @Test
  void theFirstSentenceLeavesOutWhatAllSourcesBeginWith() {
    assertEquals(
        List.of("Mr. Fox went out.", "No sign", "", "other: yes."),
        texts(
            Baselines.firstSentence(TRAIN),
            "topic: Mr. Fox went out. He came back.",
            "topic: \n No sign\nnext line",
            "topic: ",
            "other: yes. More here."));
  }

  @Test
  void theNearestSourceGivesItsAnswerAndAStrangeOneTheMajority() {
    assertEquals(
        List.of("tool", "animal", "animal"),
        texts(Baselines.nearest(TRAIN), "topic: the NAIL, copper", "a wolf", "zzz"));
  }

  @Test
  void withoutTrainingThereIsNoBaseline() {
    assertThrows(IllegalArgumentException.class, () -> Baselines.all(List.of()));
  }
}
