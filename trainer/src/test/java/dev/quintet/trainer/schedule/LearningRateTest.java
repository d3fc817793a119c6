package dev.quintet.trainer.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.trainer.schedule.LearningRate.Shape;
import org.junit.jupiter.api.Test;

class LearningRateTest {
  private static final double EXACT = 1e-15;

  @Test
  void linearIsThatOfTheRecordedTrajectories() {
    var rate = new LearningRate(Shape.LINEAR, 3e-3, 3, 0);
    for (int s = 0; s < 12; s++) {
      double expected = s < 3 ? 3e-3 * s / 3 : 3e-3 * (12 - s) / 9;
      assertEquals(expected, rate.at(s, 12), EXACT, "step " + s);
    }
  }

  @Test
  void cosineFallsByHalfACosine() {
    var rate = new LearningRate(Shape.COSINE, 1, 10, 0);
    for (int s = 10; s < 110; s++) {
      assertEquals(0.5 * (1 + Math.cos(Math.PI * (s - 10) / 100)), rate.at(s, 110), 1e-12);
    }
    assertEquals(0.5, rate.at(60, 110), EXACT);
  }

  @Test
  void cosineEndsAtItsFloor() {
    var rate = new LearningRate(Shape.COSINE, 2, 0, 0.1);
    assertEquals(2, rate.at(0, 50), EXACT);
    assertEquals(0.2, rate.at(50, 50), EXACT);
    assertTrue(rate.at(70, 50) > 0.2, "behind the end it rises again, as in transformers");
  }

  @Test
  void inverseSquareRootPassesSmoothlyFromItsWarmUp() {
    var rate = new LearningRate(Shape.INVERSE_SQRT, 1, 100, 0);
    assertEquals(0.5, rate.at(50, 1000), EXACT);
    assertEquals(1, rate.at(100, 1000), EXACT);
    assertEquals(0.5, rate.at(400, 1000), EXACT);
    assertEquals(1 / Math.sqrt(9), rate.at(900, 1000), EXACT);
  }

  @Test
  void inverseSquareRootWithoutWarmUpHasTheScaleOfT5() {
    var rate = new LearningRate(Shape.INVERSE_SQRT, 1, 0, 0);
    assertEquals(1, rate.at(0, 1), EXACT);
    assertEquals(1 / Math.sqrt(2), rate.at(10_000, 1), EXACT);
  }

  @Test
  void constantStaysBehindItsWarmUp() {
    var rate = new LearningRate(Shape.CONSTANT, 0.5, 4, 0);
    assertEquals(0, rate.at(0, 10), EXACT);
    assertEquals(0.375, rate.at(3, 10), EXACT);
    assertEquals(0.5, rate.at(4, 10), EXACT);
    assertEquals(0.5, rate.at(9, 10), EXACT);
  }

  @Test
  void noScheduleIsNegativeOrAboveItsPeak() {
    for (String name : ScheduleSettings.NAMES) {
      for (long warmup : new long[] {0, 1, 7, 100}) {
        LearningRate rate = ScheduleSettings.named(name, 1, warmup);
        for (long step = 0; step < 60; step++) {
          double at = rate.at(step, 50);
          assertEquals(at, Math.clamp(at, 0, 1), name + " at " + step);
        }
      }
    }
  }

  @Test
  void refusesNumbersThatCannotBe() {
    for (double peak : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThrows(
          IllegalArgumentException.class, () -> new LearningRate(Shape.LINEAR, peak, 0, 0));
    }
    assertThrows(IllegalArgumentException.class, () -> new LearningRate(Shape.LINEAR, 1, -1, 0));
    assertThrows(IllegalArgumentException.class, () -> new LearningRate(Shape.COSINE, 1, 0, 2));
  }
}
