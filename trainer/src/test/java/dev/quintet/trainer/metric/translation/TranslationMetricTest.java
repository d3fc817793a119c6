package dev.quintet.trainer.metric.translation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.trainer.metric.Answered;
import dev.quintet.trainer.metric.Measured;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TranslationMetricTest {
  private static final List<Answered> ROWS =
      List.of(
          new Answered("the cat sat on the mat .", "the cat sat on the red mat ."),
          new Answered("a dog", List.of("a big dog barked at us", "some dog")),
          new Answered("", "nothing came"));

  static Stream<TranslationMetric> metrics() {
    return Stream.of(Bleu.DEFAULT, Chrf.DEFAULT, Chrf.PLUS_PLUS, Ter.DEFAULT);
  }

  @ParameterizedTest
  @MethodSource("metrics")
  void aCorpusHasTheSameStatisticsInPartsAsInOnePass(TranslationMetric metric) {
    double[][] whole = metric.measure(ROWS).statistics();
    for (int i = 0; i < ROWS.size(); i++) {
      assertArrayEquals(metric.measure(ROWS.subList(i, i + 1)).statistics()[0], whole[i]);
    }
  }

  @ParameterizedTest
  @MethodSource("metrics")
  void noRowsHaveAScoreAndALine(TranslationMetric metric) {
    Measured none = metric.measure(List.of());
    assertEquals(0, none.scores(new double[metric.statistics()], 0)[0]);
    assertTrue(metric.line(List.of(), 1).startsWith(metric.label() + " = 0.0"));
  }

  @ParameterizedTest
  @MethodSource("metrics")
  void anAnswerEqualToItsReferenceIsPerfect(TranslationMetric metric) {
    var rows =
        List.of(new Answered("all of it is right, even 3.5 %", "all of it is right, even 3.5 %"));
    assertEquals(
        metric.higherIsBetter(metric.names().getFirst()) ? 100 : 0,
        metric.measure(rows).scores()[0],
        1e-9);
  }

  @Test
  void bleuOfACorpusIsNotTheMeanOfItsSentences() {
    Bleu bleu = Bleu.DEFAULT.withEffectiveOrder(true);
    Measured measured = bleu.measure(ROWS);
    double mean = 0;
    for (double[] row : measured.statistics()) {
      mean += bleu.score(row).score() / ROWS.size();
    }
    assertNotEquals(mean, measured.scores()[0], 0.1);
  }

  @Test
  void signaturesSayHowManyReferencesAndResamplesThereWere() {
    assertTrue(
        Bleu.DEFAULT
            .signature(ROWS)
            .toString()
            .startsWith("nrefs:var|case:mixed|eff:no|tok:13a|smooth:exp|version:quintet-"));
    assertTrue(
        Chrf.DEFAULT
            .signature(ROWS.subList(0, 1))
            .withBootstrap(1000, 12345)
            .toString()
            .startsWith("nrefs:1|bs:1000|seed:12345|case:mixed|eff:yes|nc:6|nw:0|space:no|"));
  }

  @Test
  void aWordBothInTheShiftedRunAndElsewhereIsShiftedOnce() {
    var row = new Answered("b c d a", "a b c d");
    assertArrayEquals(new double[] {1, 4}, Ter.DEFAULT.measure(List.of(row)).statistics()[0]);
  }

  @Test
  void referencesOfTerAreCutTwiceAsBySacrebleu() {
    Ter ter = Ter.DEFAULT.withNormalized(true);
    var row = new Answered("the dog's.", "the dog's.");
    assertArrayEquals(new double[] {2, 4}, ter.measure(List.of(row)).statistics()[0]);
  }

  @Test
  void tokenizersAreKnownByTheirNamesInSignatures() {
    for (BleuTokenizer tokenizer : BleuTokenizer.values()) {
      assertEquals(tokenizer, BleuTokenizer.named(tokenizer.label()));
    }
    var e = assertThrows(IllegalArgumentException.class, () -> BleuTokenizer.named("zh"));
    assertTrue(e.getMessage().contains("13a, intl, char, none"));
  }

  @Test
  void manyDifferentWordsAreCountedWithoutLoss() {
    var words = new StringBuilder();
    for (int i = 0; i < 5000; i++) {
      words.append("w").append(i).append(' ');
    }
    var row = new Answered(words.toString(), words.toString());
    double[] counts = Bleu.DEFAULT.measure(List.of(row)).statistics()[0];
    assertArrayEquals(
        new double[] {5000, 5000, 5000, 4999, 4998, 4997, 5000, 4999, 4998, 4997}, counts);
  }
}
