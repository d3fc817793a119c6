package dev.quintet.trainer.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.trainer.metric.ExactMatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ComparisonTest {

  @Test
  void equalSystemsAreNotFoundToDifferAndUnequalOnesAre() {
    var metric = new ExactMatch("exact");
    SamplingUnits good = SamplingUnits.rows(BootstrapTest.right(300, 0.8, 1));
    SamplingUnits alike = SamplingUnits.rows(BootstrapTest.right(300, 0.8, 2));
    SamplingUnits bad = SamplingUnits.rows(BootstrapTest.right(300, 0.5, 3));
    Resamples resamples = Resamples.seeded(300, 1000, 4);
    Swaps swaps = Swaps.seeded(300, 1000, 4);

    PairedBootstrap same = PairedBootstrap.of(metric, good, alike, resamples).getFirst();
    assertTrue(same.p() > 0.05, same::toString);
    PairedBootstrap worse = PairedBootstrap.of(metric, good, bad, resamples).getFirst();
    assertTrue(worse.p() < 0.01, worse::toString);
    assertEquals(1, worse.notBetter());
    assertEquals(0, PairedBootstrap.of(metric, bad, good, resamples).getFirst().notBetter());

    assertTrue(ApproximateRandomization.of(good, alike, swaps).getFirst().p() > 0.05);
    assertEquals(1 / 1001.0, ApproximateRandomization.of(good, bad, swaps).getFirst().p(), 1e-12);
    assertThrows(
        IllegalArgumentException.class,
        () ->
            ApproximateRandomization.of(
                good, SamplingUnits.rows(BootstrapTest.right(299, 1, 1)), swaps));
  }

  @Test
  void holmMultipliesTheSmallestByTheNumberOfTests() {
    assertArrayEquals(
        new double[] {0.03, 0.06, 0.06, 0.02},
        Holm.adjusted(new double[] {0.01, 0.04, 0.03, 0.005}),
        1e-12);
    assertArrayEquals(new double[] {1, 1}, Holm.adjusted(new double[] {0.6, 0.9}), 1e-12);
  }

  @Test
  void mcNemarCountsRowsOnWhichOneAloneIsRight() {
    boolean[] first = {true, true, false, false, true};
    boolean[] second = {true, false, true, false, false};
    assertEquals(new McNemar(2, 1), McNemar.of(first, second));
    assertEquals(1, new McNemar(0, 0).exactP());
    assertTrue(Double.isNaN(new McNemar(0, 0).chiSquared().p()));
  }

  @Test
  void equalDifferencesHaveNoT() {
    double[] zeros = new double[5];
    double[] ones = IntStream.range(0, 5).mapToDouble(i -> 0.1).toArray();
    assertTrue(Double.isNaN(PairedMeans.t(zeros, ones).p()));
    assertEquals(2 / 32.0, PairedMeans.signFlips(zeros, ones));
    assertEquals(1, PairedMeans.signFlips(zeros, zeros));
    assertThrows(
        IllegalArgumentException.class,
        () -> PairedMeans.signFlips(new double[17], new double[17]));
  }

  @Test
  void intervalsOfSharesStayBetween0And1() {
    for (int hits = 0; hits <= 12; hits++) {
      var share = new Proportion(hits, 12);
      for (Interval interval : new Interval[] {share.wilson(0.99), share.clopperPearson(0.99)}) {
        assertTrue(0 <= interval.low() && interval.low() <= share.value(), interval::toString);
        assertTrue(share.value() <= interval.high() && interval.high() <= 1, interval::toString);
      }
    }
  }
}
