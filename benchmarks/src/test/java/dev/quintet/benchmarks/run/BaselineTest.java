package dev.quintet.benchmarks.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.benchmarks.run.Baseline.Change;
import dev.quintet.benchmarks.run.Baseline.Verdict;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BaselineTest {

  @Test
  void turnsThatOverlapAreNoise() {
    assertEquals(
        Verdict.NOISE,
        Change.between(List.of(100.0, 110.0, 120.0), List.of(119.0, 130.0, 140.0)).verdict());
  }

  @Test
  void turnsThatLieApartAreFasterOrSlower() {
    List<Double> slow = List.of(100.0, 101.0, 102.0);
    List<Double> fast = List.of(110.0, 111.0, 112.0);
    assertEquals(Verdict.FASTER, Change.between(slow, fast).verdict());
    assertEquals(Verdict.SLOWER, Change.between(fast, slow).verdict());
    assertEquals(111.0 / 101, Change.between(slow, fast).factor(), 1e-12);
  }

  @Test
  void turnsThatLieApartByLessThanTwoPercentAreNoise() {
    assertEquals(
        Verdict.NOISE,
        Change.between(List.of(100.0, 100.1, 100.2), List.of(101.0, 101.1, 101.2)).verdict());
  }

  @Test
  void twoTurnsSayNothing() {
    assertEquals(
        Verdict.TOO_FEW, Change.between(List.of(1.0, 1.0), List.of(9.0, 9.0, 9.0)).verdict());
  }

  @Test
  void theRatioToAPeerIsComparedTurnByTurn() {
    // the machine halves and doubles its speed: both sides do, so the ratio stands
    var then =
        Example.contest(
            "1",
            Example.side("quintet", "Quintet", 100, 50, 200),
            Example.side("mkl", "MKL", 50, 25, 100));
    var now =
        Example.contest(
            "1",
            Example.side("quintet", "Quintet", 90, 45, 180),
            Example.side("mkl", "MKL", 30, 15, 60));
    var baseline = new Baseline(Example.report(then));
    Change ratio = baseline.change(now, now.peers().getFirst()).orElseThrow();
    assertEquals(Verdict.FASTER, ratio.verdict());
    assertEquals(1.5, ratio.factor(), 1e-12);
    assertEquals(Verdict.NOISE, baseline.change(now).orElseThrow().verdict());
  }

  @Test
  void rowsThatTheBaselineLacksHaveNoChange() {
    var then = Example.contest("1", Example.side("quintet", "Quintet", 100, 100, 100));
    var now = Example.contest("2", Example.side("quintet", "Quintet", 100, 100, 100));
    var baseline = new Baseline(Example.report(then));
    assertEquals(Optional.empty(), baseline.change(now));
    assertTrue(
        baseline.remarks(Example.report(now)).stream()
            .anyMatch(line -> line.startsWith("1 of 1 rows")));
  }
}
