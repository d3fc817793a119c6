package dev.quintet.benchmarks;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.shape.Device;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/// The processor's backend, and operands in its memory beside the same numbers in arrays.
final class DeviceArrays {
  private final Backend backend = Backends.of(Device.cpu());
  private final Random random = new Random(1);

  /// The backend.
  Backend backend() {
    return backend;
  }

  /// Normal random numbers.
  float[] normal(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /// Integers from 0 to below `bound`.
  int[] integers(int count, int bound) {
    return random.ints(count, 0, bound).toArray();
  }

  /// The address of a copy.
  long put(float[] values) {
    return put(MemorySegment.ofArray(values));
  }

  /// The address of a copy.
  long put(int[] values) {
    return put(MemorySegment.ofArray(values));
  }

  /// The address of `count` zeros of 4 bytes.
  long zeros(long count) {
    long address = backend.memory().allocate(4 * count);
    backend.memory().zero(address, 4 * count);
    return address;
  }

  private long put(MemorySegment values) {
    long address = backend.memory().allocate(values.byteSize());
    backend.memory().write(values, address, values.byteSize());
    return address;
  }
}
