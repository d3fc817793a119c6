package dev.quintet.app.measure;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Queue;
import dev.quintet.core.shape.DType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;

/// Operands on a device, released together.
final class Room implements AutoCloseable {
  private static final int MOST_SETS = 16;

  /// Commands before the first that is timed.
  private static final int WARM = 3;

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
    return of(type, count, _ -> (float) random.nextGaussian());
  }

  /// int32 values.
  long ints(long count, IntUnaryOperator values) {
    return repeated(4, count, values, (words, _) -> words);
  }

  private interface Values {
    float at(int index);
  }

  private long of(DType type, long count, Values values) {
    return repeated(
        type.bytes(),
        count,
        i -> Float.floatToRawIntBits(values.at(i)),
        (floats, size) -> {
          if (type == DType.F32) {
            return floats;
          }
          long narrow = empty(type, size);
          backend.layout().cast(DType.F32, type, floats, narrow, size);
          return narrow;
        });
  }

  /// Words in the type that is wanted.
  private interface Cast {
    long of(long words, int size);
  }

  /// The first values come from the host, and are repeated on the device.
  private long repeated(int width, long count, IntUnaryOperator values, Cast cast) {
    int piece = (int) Math.min(count, 1 << 16);
    int[] host = new int[piece];
    Arrays.setAll(host, values);
    long words = bytes(4L * piece);
    backend.memory().write(MemorySegment.ofArray(host), words, 4L * piece);
    long first = cast.of(words, piece);
    long address = bytes(width * count);
    backend.memory().copy(first, address, (long) width * piece);
    for (long done = piece; done < count; ) {
      long some = Math.min(done, count - done);
      backend.memory().copy(address, address + width * done, width * some);
      done += some;
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

  /// What works on one of several sets of operands.
  interface Command {
    void run(int set);
  }

  /// How many sets of operands it takes that nothing of what a command reads is left in the second cache from its time
  /// before.
  ///
  /// @param bytes of one set
  int sets(boolean toy, long bytes) {
    if (toy) {
      return 2;
    }
    long cache =
        backend.details().get("second_cache_bytes") instanceof Number number
            ? number.longValue()
            : 1 << 20;
    return (int) Math.clamp(1 + 4 * cache / Math.max(1, bytes), 2, MOST_SETS);
  }

  /// The median seconds of a command, by moments of the device's own, with the sets by turns.
  ///
  /// Nobody waits until all samples have been called, so that the device always has something to go on with.
  double seconds(int samples, int sets, Command command) {
    Queue queue = backend.queue();
    var moments = new ArrayList<Queue.Moment>();
    try {
      for (int i = -WARM; i < samples; i++) {
        if (i == 0) {
          moments.add(queue.moment());
        }
        command.run(Math.floorMod(i, sets));
        if (i >= 0) {
          moments.add(queue.moment());
        }
      }
      double[] times = new double[samples];
      Arrays.setAll(times, i -> moments.get(i + 1).since(moments.get(i)) / 1e9);
      Arrays.sort(times);
      return times[samples / 2];
    } finally {
      moments.forEach(Queue.Moment::close);
    }
  }

  @Override
  public void close() {
    backend.queue().synchronize();
    blocks.forEach(block -> backend.memory().release(block[0], block[1]));
  }
}
