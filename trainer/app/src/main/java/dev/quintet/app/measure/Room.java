package dev.quintet.app.measure;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.shape.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// Operands on a device, released together.
final class Room implements AutoCloseable {
  final Backend backend;
  private final List<long[]> blocks = new ArrayList<>();

  Room(Backend backend) {
    this.backend = backend;
  }

  long bytes(long count) {
    long address = backend.memory().allocate(count);
    blocks.add(new long[] {address, count});
    return address;
  }

  /// Elements with undefined contents.
  long empty(DType type, long count) {
    return bytes(count * type.bytes());
  }

  /// Elements of one value.
  long full(DType type, long count, float value) {
    return of(type, count, _ -> value);
  }

  /// Normal values of a seed, the same on every device; from 65536 on they repeat.
  long normal(DType type, long count, long seed) {
    var random = new SplittableRandom(seed);
    float[] values = new float[(int) Math.min(count, 1 << 16)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return of(type, count, i -> values[i % values.length]);
  }

  private interface Values {
    float at(int index);
  }

  private long of(DType type, long count, Values values) {
    long address = empty(type, count);
    int piece = (int) Math.min(count, 1 << 16);
    long wide = type == DType.F32 ? address : bytes(4L * piece);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment floats = arena.allocate(ValueLayout.JAVA_FLOAT, piece);
      for (int i = 0; i < piece; i++) {
        floats.setAtIndex(ValueLayout.JAVA_FLOAT, i, values.at(i));
      }
      for (long at = 0; at < count; at += piece) {
        long size = Math.min(piece, count - at);
        backend.memory().write(floats, type == DType.F32 ? address + 4 * at : wide, 4 * size);
        if (type != DType.F32) {
          backend.layout().cast(DType.F32, type, wide, address + type.bytes() * at, size);
        }
      }
    }
    return address;
  }

  /// Elements as float32.
  float[] read(DType type, long address, int count) {
    long wide = type == DType.F32 ? address : bytes(4L * count);
    if (type != DType.F32) {
      backend.layout().cast(type, DType.F32, address, wide, count);
    }
    float[] values = new float[count];
    backend.memory().read(wide, MemorySegment.ofArray(values), 4L * count);
    return values;
  }

  /// The median seconds of a command.
  ///
  /// The clock runs from an idle queue to an idle queue, over several commands at once, so that what the wait costs
  /// does not count.
  double seconds(int samples, int commands, Runnable command) {
    command.run();
    double[] times = new double[samples];
    for (int i = 0; i < samples; i++) {
      backend.queue().synchronize();
      long start = System.nanoTime();
      for (int k = 0; k < commands; k++) {
        command.run();
      }
      backend.queue().synchronize();
      times[i] = (System.nanoTime() - start) / 1e9 / commands;
    }
    Arrays.sort(times);
    return times[samples / 2];
  }

  @Override
  public void close() {
    backend.queue().synchronize();
    blocks.forEach(block -> backend.memory().release(block[0], block[1]));
  }
}
