package dev.quintet.benchmarks;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.DeviceUnavailableException;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/// Operands on the first CUDA device. Where there is none, the measured process says so in one line and ends, which JMH
/// takes as a benchmark without a result.
final class CudaArrays {
  /// Launches that one measured call queues before it waits: a single one would be measured with the wait.
  static final int LAUNCHES = 20;

  private final Backend backend = open();

  private static Backend open() {
    try {
      return Backends.of(Device.cuda(0));
    } catch (DeviceUnavailableException e) {
      // past JMH, which passes on only what is printed before the end
      var out = new FileOutputStream(FileDescriptor.out);
      new PrintStream(out, true, StandardCharsets.UTF_8).println("skipped: " + e.getMessage());
      Runtime.getRuntime().halt(0);
      throw e;
    }
  }

  /// The device's backend.
  Backend backend() {
    return backend;
  }

  /// The address of zeros: what they are costs no time on a GPU.
  long zeros(DType type, long count) {
    long bytes = type.bytes(count);
    long address = backend.memory().allocate(bytes);
    backend.memory().zero(address, bytes);
    return address;
  }

  /// Runs a launch [#LAUNCHES] times and waits for all.
  void repeat(Runnable launch) {
    for (int i = 0; i < LAUNCHES; i++) {
      launch.run();
    }
    backend.queue().synchronize();
  }
}
