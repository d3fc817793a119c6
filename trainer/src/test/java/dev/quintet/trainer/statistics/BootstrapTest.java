package dev.quintet.trainer.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.random.Philox;
import dev.quintet.trainer.metric.Answered;
import dev.quintet.trainer.metric.Classification;
import dev.quintet.trainer.metric.ExactMatch;
import dev.quintet.trainer.metric.Measured;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;

class BootstrapTest {

  @Test
  void aSeedGivesTheSameIntervalWhateverTheThreads() throws Exception {
    Bootstrap alone = bootstrap(SamplingUnits.rows(right(200, 0.7, 3)), 500, 11);
    try (var pool = new ForkJoinPool(1)) {
      Bootstrap again =
          pool.submit(() -> bootstrap(SamplingUnits.rows(right(200, 0.7, 3)), 500, 11)).get();
      assertEquals(alone.bca(0.95), again.bca(0.95));
    }
    Interval other = bootstrap(SamplingUnits.rows(right(200, 0.7, 3)), 500, 12).percentile(0.95);
    assertTrue(
        other.low() != alone.percentile(0.95).low()
            || other.high() != alone.percentile(0.95).high());
  }

  @Test
  void intervalsHoldTheTrueShareAboutAsOftenAsTheySay() {
    int held = 0;
    for (int trial = 0; trial < 200; trial++) {
      Interval interval =
          bootstrap(SamplingUnits.rows(right(100, 0.6, 100 + trial)), 400, trial).bca(0.9);
      held += interval.low() <= 0.6 && 0.6 <= interval.high() ? 1 : 0;
    }
    assertEquals(180, held, 15);
  }

  @Test
  void groupsThatAreAlikeMakeIntervalsWider() {
    Measured rows = right(40, 0.5, 5);
    var tenfold = new ArrayList<Answered>();
    var groups = new ArrayList<String>();
    for (int row = 0; row < 40; row++) {
      for (int copy = 0; copy < 10; copy++) {
        tenfold.add(new Answered(rows.statistics()[row][0] > 0 ? "a" : "b", "a"));
        groups.add("group " + row);
      }
    }
    Measured copied = new ExactMatch("exact").measure(tenfold);
    double alone = bootstrap(SamplingUnits.rows(copied), 1000, 1).standardError();
    double grouped = bootstrap(SamplingUnits.groups(copied, groups), 1000, 1).standardError();
    double real = bootstrap(SamplingUnits.rows(rows), 1000, 1).standardError();
    assertEquals(real, grouped, 1e-12);
    assertTrue(alone < 0.5 * grouped);
  }

  @Test
  void fallsBackToQuantilesWhereNoResampleLiesBelowTheScoreAndSaysSo() {
    SamplingUnits units = SamplingUnits.rows(right(4, 0.5, 1));
    double score = units.scores()[0];
    // All resamples hold the right rows alone.
    var best = new ArrayList<int[]>();
    for (int i = 0; i < 4; i++) {
      if (units.scores(new int[] {i})[0] > score) {
        best.add(new int[] {i, i});
        best.add(new int[] {i, i, i});
      }
    }
    int last = best.getFirst()[0];
    best.add(new int[] {last, last, last, 0, 1, 2, 3});
    Bootstrap skewed = Bootstrap.of(units, Resamples.recorded(best)).getFirst();
    assertTrue(Double.isInfinite(skewed.z0()));
    assertEquals(Interval.Method.PERCENTILE, skewed.bca(0.95).method());
  }

  @Test
  void leavesOutResamplesWithoutAScoreAndCountsThem() {
    List<Answered> rows = List.of(new Answered("a", "a"), new Answered("b", "b"));
    var metric = new Classification();
    Bootstrap kappa =
        Bootstrap.of(
                SamplingUnits.rows(metric.measure(rows)),
                Resamples.recorded(List.of(new int[] {0, 0}, new int[] {0, 1}, new int[] {1, 0})))
            .get(metric.names().indexOf("kappa"));
    assertEquals(1, kappa.undefined());
    assertEquals(1, kappa.percentile(0.95).low());
  }

  @Test
  void sumsLargeSetsWithoutLosingARow() {
    int[] all = new int[1003];
    for (int i = 0; i < all.length; i++) {
      all[i] = i;
    }
    Measured rows = right(1003, 0.3, 9);
    double hits = 0;
    for (double[] row : rows.statistics()) {
      hits += row[0];
    }
    assertArrayEquals(new double[] {hits / 1003}, SamplingUnits.rows(rows).scores(all));
    assertThrows(IllegalArgumentException.class, () -> SamplingUnits.groups(rows, List.of("one")));
  }

  private static Bootstrap bootstrap(SamplingUnits units, int count, long seed) {
    return Bootstrap.of(units, Resamples.seeded(units.size(), count, seed)).getFirst();
  }

  /// Rows of which about such a share is right.
  static Measured right(int rows, double share, long seed) {
    var random = Philox.of(seed, 1);
    var all = new ArrayList<Answered>();
    for (int i = 0; i < rows; i++) {
      all.add(new Answered(random.nextDouble() < share ? "a" : "b", "a"));
    }
    return new ExactMatch("exact").measure(all);
  }
}
