package dev.quintet.app.cli;

import dev.quintet.core.backend.Backends;
import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.core.shape.Device;
import java.util.Optional;
import picocli.CommandLine.Option;

/// The options of every command that computes.
final class Compute {
  private static final int MOST_THREADS = 1024;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Threads that compute, at most 1,024; results do not depend on it. Default: all processors.")
  private Optional<Integer> threads = Optional.empty();

  @Option(
      names = "--device",
      paramLabel = "cpu|cuda|auto",
      defaultValue = "auto",
      description = "Where to compute. Default: ${DEFAULT-VALUE}, a CUDA device if there is one.")
  private Kind kind = Kind.AUTO;

  enum Kind {
    CPU,
    CUDA,
    AUTO
  }

  /// Sets the number of threads and opens the device.
  ///
  /// @throws dev.quintet.core.backend.DeviceUnavailableException if it cannot be used here
  Device device() {
    applyThreads();
    Device device =
        switch (kind) {
          case CPU -> Device.cpu();
          case CUDA -> Device.cuda(0);
          case AUTO -> Backends.best();
        };
    var _ = Backends.of(device);
    return device;
  }

  /// Refuses a number of threads that no machine can want.
  static void requireThreads(int count) {
    if (count < 1 || count > MOST_THREADS) {
      throw new IllegalArgumentException(
          "--threads is from 1 to " + MOST_THREADS + ", not " + count);
    }
  }

  /// Threads for work without tensors.
  int threads() {
    return threads.orElseGet(() -> Runtime.getRuntime().availableProcessors());
  }

  private void applyThreads() {
    threads.ifPresent(count -> {
      requireThreads(count);
      CpuBackend.threads(count);
    });
  }
}
