package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.quintet.kernels.testing.StandIn;
import dev.quintet.kernels.testing.StandIn.Schedule;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;

/// Runs kernels in each order of threads that the stand-in knows, of which a result must not depend.
final class Schedules {
  private static final Schedule USUAL =
      Schedule.valueOf(
          Objects.requireNonNullElse(System.getenv("QUINTET_EMULATOR_SCHEDULE"), "forward")
              .toUpperCase(Locale.ROOT)
              .replace('-', '_'));

  private Schedules() {}

  /// Fails unless all give the same bytes.
  static void same(String what, Supplier<byte[]> results) {
    byte[] first = results.get();
    try {
      for (Schedule schedule : Schedule.values()) {
        StandIn.schedule(schedule);
        assertArrayEquals(first, results.get(), what + ", " + schedule);
      }
    } finally {
      StandIn.schedule(USUAL);
    }
  }
}
