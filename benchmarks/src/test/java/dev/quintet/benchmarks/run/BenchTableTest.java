package dev.quintet.benchmarks.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.benchmarks.contest.MissingPeerException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BenchTableTest {
  private static final Contest CONTEST =
      Example.contest(
          "4096x512x512",
          Example.side("quintet", "Quintet", 1000, 1100, 900),
          Example.side("mkl", "MKL", 500, 500, 500),
          Example.missing("onnx", "ONNX Runtime", "not given: name a folder"));

  @Test
  void aRowHasTheMedianItsSpreadTheShareOfThePeakAndEachPeer() {
    var table = new BenchTable(Example.report(CONTEST), Optional.empty());
    assertEquals(
        List.of(
            List.of(
                "Matmul.quintet",
                "layer=4096x512x512",
                "1.00 ms",
                "10 %",
                "50 %",
                "7 %",
                "MKL",
                "2.00 ms",
                "2.00",
                "1.80..2.20"),
            List.of("", "", "", "", "", "", "ONNX Runtime", "(see below)", "", "")),
        table.table().rows());
    assertTrue(table.remarks().contains("ONNX Runtime is missing: not given: name a folder"));
  }

  @Test
  void aBaselineAddsTwoColumns() {
    var now = Example.report(CONTEST);
    var table = new BenchTable(now, Optional.of(new Baseline(now)));
    assertEquals("1.00 noise", table.table().rows().getFirst().getLast());
    assertEquals(table.table().head().size(), table.table().rows().getFirst().size());
    assertTrue(table.remarks().contains(Baseline.RULE));
  }

  @Test
  void disturbedTurnsAreMarked() {
    var turn = new Turn(List.of(10.0), 0.5, 0.01);
    var side =
        new Side(
            "quintet", "Quintet", List.of(turn), java.util.Map.of(), List.of(), Optional.empty());
    Report report = Example.report(Example.contest("1", side));
    assertTrue(
        new BenchTable(report, Optional.empty()).table().text().contains("Matmul.quintet *"));
    assertTrue(Quiet.remarks(report).getFirst().contains("1 of 1 turns"));
    assertEquals(List.of(), Quiet.remarks(Example.report(CONTEST)));
  }

  @Test
  void sharesAreOfTheLargestPeakAndTheRunSaysThatPeaksLieApart() {
    Report slow = Example.report(CONTEST);
    Report report = slow.with(new Roof(2, 2e11, 5e11, 3e10, 12e10));
    List<String> row = new BenchTable(report, Optional.empty()).table().rows().getFirst();
    assertEquals("40 %", row.get(4));
    assertEquals("3 %", row.get(5));
    String said = String.join(" ", new BenchTable(report, Optional.empty()).remarks());
    assertTrue(said.contains("400 to 500 GFLOP/s and read 60.0 to 120 GB/s"), said);
    assertTrue(said.contains("measured 2 times"), said);
    assertEquals(List.of(), Quiet.remarks(slow.with(new Roof(2, 2e11, 3.9e11, 3e10, 6e10))));
  }

  @Test
  void aReasonIsFoundInWhatJmhPrinted() {
    assertEquals(
        "no MKL here",
        Turns.reason("# Fork\nCaused by: " + MissingPeerException.MARK + "no MKL here\n\tat x"));
    assertEquals(
        "no backend",
        Turns.reason("# Warmup Iteration   1: skipped: no backend\n\n# Run complete"));
    assertEquals(
        "java.lang.IllegalStateException: no",
        Turns.reason("<failure>\n\njava.lang.IllegalStateException: no\n"));
    assertEquals(
        "forked VM failed with exit code 139",
        Turns.reason("# Warmup Iteration   1: <forked VM failed with exit code 139>\n"));
  }

  @Test
  void timesOfProcessorsSayWhatOthersTook() {
    String self = "7 (a (strange) name) S 1 1 1 0 -1 0 0 0 0 0 %d %d 0 0 20 0 1 0 0";
    var before = ProcessorTime.of("cpu  100 0 100 800 0 0 0 0 0 0", self.formatted(50, 10));
    var after = ProcessorTime.of("cpu  150 0 120 880 10 0 0 40 0 0", self.formatted(70, 20));
    assertEquals(0.2, after.othersSince(before), 1e-12); // 70 of 200 busy, 30 of them ours
    assertEquals(0.2, after.stolenSince(before), 1e-12);
  }
}
