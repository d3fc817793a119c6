package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.quintet.kernels.testing.StandIn;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Holds launchers to what they say of their traffic: the bytes that the emulator counted, within 2 %.
final class Traffic {
  private Traffic() {}

  /// Runs launches and compares.
  ///
  /// @return the kernels that were launched
  static Set<String> check(CudaBackend backend, Runnable launches) {
    StandIn.reset();
    Map<String, Long> before = backend.cuda().moved();
    launches.run();
    backend.queue().synchronize();
    var launched = new TreeSet<String>();
    backend
        .cuda()
        .moved()
        .forEach((kernel, moved) -> {
          StandIn.Counts counts = StandIn.counts(kernel);
          if (counts.launches() > 0) {
            long counted = counts.loaded() + counts.stored();
            long said = moved - before.getOrDefault(kernel, 0L);
            assertEquals(counted, said, 0.02 * counted, kernel + ": bytes");
            launched.add(kernel);
          }
        });
    assertFalse(launched.isEmpty(), "nothing was launched");
    return launched;
  }
}
