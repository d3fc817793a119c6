package dev.quintet.benchmarks.step;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.shape.Precision;
import dev.quintet.models.t5.T5Config;
import org.junit.jupiter.api.Test;

class DecodingWorkTest {
  private static final double NUMBERS = 6 * (6 * 512 * 512 + 2 * 512 * 2048) + 512 * 32128;

  @Test
  void aStepReadsTheDecoderInThePrecisionOfItsWeights() {
    assertEquals(4 * NUMBERS, bytes(Precision.F32));
    assertEquals(2 * NUMBERS, bytes(Precision.BF16));
    assertEquals((1 + 4.0 / 64) * NUMBERS, bytes(Precision.INT8));
  }

  private static double bytes(Precision weights) {
    return new DecodingWork(T5Config.small(), weights).step();
  }

  @Test
  void rowsAndBeamsShareWhatAStepReadsAndComputeEachForItself() {
    var work = new DecodingWork(T5Config.small(), Precision.F32);
    var one = work.ofToken(1, 1, 64, 64);
    var eight = work.ofToken(8, 1, 64, 64);
    var beams = work.ofToken(1, 4, 64, 64);
    assertEquals(one.flops(), eight.flops());
    assertEquals(one.bytes() / 8, eight.bytes(), 1e-6 * one.bytes());
    assertEquals(one.bytes(), beams.bytes());
    assertEquals(3 * 2 * NUMBERS, beams.flops() - one.flops(), 1);
  }

  @Test
  void gatesAreMatricesToo() {
    double plain = new DecodingWork(T5Config.small(), Precision.F32).step();
    double gated = new DecodingWork(T5Config.small().v11(), Precision.F32).step();
    assertEquals(6 * 4.0 * 512 * 2048, gated - plain);
  }
}
