package dev.quintet.trainer.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RatioEstimateTest {

  @Test
  void ofEqualWholesTheErrorIsThatOfTheMean() {
    double[] parts = {1, 0, 1, 1, 0, 1, 0, 1};
    double[] wholes = {1, 1, 1, 1, 1, 1, 1, 1};
    var estimate = RatioEstimate.of(parts, wholes);
    double p = 5 / 8.0;
    assertEquals(p, estimate.value(), 1e-15);
    assertEquals(Math.sqrt(p * (1 - p) / 7), estimate.error(), 1e-15);
  }

  @Test
  void theErrorIsWhatDrawingTheGroupsAgainShows() {
    long seed = Long.getLong("seed", 20262);
    System.out.println("seed " + seed);
    var random = new Random(seed);
    int groups = 200;
    double[] parts = new double[groups];
    double[] wholes = new double[groups];
    double[] others = new double[groups];
    for (int g = 0; g < groups; g++) {
      wholes[g] = 1 + random.nextInt(30);
      double share = random.nextDouble(); // alike within a group
      parts[g] = share * wholes[g];
      others[g] = (0.5 * share + 0.2 * random.nextDouble()) * wholes[g];
    }
    int draws = 4000;
    double[] ratios = new double[draws];
    double[] differences = new double[draws];
    for (int d = 0; d < draws; d++) {
      double part = 0;
      double other = 0;
      double whole = 0;
      for (int i = 0; i < groups; i++) {
        int g = random.nextInt(groups);
        part += parts[g];
        other += others[g];
        whole += wholes[g];
      }
      ratios[d] = part / whole;
      differences[d] = (part - other) / whole;
    }
    var ratio = RatioEstimate.of(parts, wholes);
    assertEquals(deviation(ratios), ratio.error(), 0.08 * ratio.error());
    var difference = RatioEstimate.difference(parts, wholes, others, wholes);
    assertEquals(deviation(differences), difference.error(), 0.08 * difference.error());
    assertEquals(
        ratio.value() - RatioEstimate.of(others, wholes).value(), difference.value(), 1e-12);
  }

  @Test
  void nothingAndOneGroupHaveNoErrorAndUnequalLengthsAreRefused() {
    assertEquals(new RatioEstimate(0, 0), RatioEstimate.of(new double[0], new double[0]));
    assertEquals(new RatioEstimate(0.5, 0), RatioEstimate.of(new double[] {1}, new double[] {2}));
    assertThrows(
        IllegalArgumentException.class, () -> RatioEstimate.of(new double[1], new double[2]));
  }

  private static double deviation(double[] values) {
    double mean = 0;
    for (double value : values) {
      mean += value / values.length;
    }
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return Math.sqrt(squares / (values.length - 1));
  }
}
