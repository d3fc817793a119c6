package dev.quintet.core.cpu.work;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class CpuChoiceTest {
  @Test
  void takesTheWidestVectorsUnlessAsked() {
    assertEquals("cpu-512", CpuChoice.decide("", 512).arithmetic());
    assertEquals("cpu-256", CpuChoice.decide("", 256).arithmetic());
    assertEquals("cpu-scalar", CpuChoice.decide("", 128).arithmetic());
    assertEquals("cpu-scalar", CpuChoice.decide("", 0).arithmetic());
    assertEquals("cpu-256", CpuChoice.decide("256", 512).arithmetic());
    assertEquals("cpu-scalar", CpuChoice.decide("scalar", 512).arithmetic());
  }

  @Test
  void refusesWhatItCannotDo() {
    assertRefused("512", 256, "256");
    assertRefused("256", 0, "--add-modules");
    assertRefused("avx", 512, "\"avx\"");
  }

  private static void assertRefused(String requested, int supported, String says) {
    var e =
        assertThrows(IllegalArgumentException.class, () -> CpuChoice.decide(requested, supported));
    assertTrue(e.getMessage().contains(says), e.getMessage());
  }
}
