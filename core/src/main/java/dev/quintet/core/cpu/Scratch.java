package dev.quintet.core.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Working memory of one thread, grown to the largest size asked for and kept.
///
/// Whoever asks twice for the same buffer gets the same memory: each is used by one kernel at a time.
final class Scratch {
  private static final ThreadLocal<Scratch> MINE = ThreadLocal.withInitial(Scratch::new);

  private float[] floats = new float[1 << 14];
  private final Buffer packed = new Buffer();
  private final float[] block = new float[RegisterBlock.ROWS * RegisterBlock.COLUMNS];

  private Scratch() {}

  /// The calling thread's scratch.
  static Scratch mine() {
    return MINE.get();
  }

  /// A heap array of at least `count` elements, for operands that are read as scalars.
  float[] floats(int count) {
    if (floats.length < count) {
      floats = new float[Math.max(count, 2 * floats.length)];
    }
    return floats;
  }

  /// The address of `count` float32 for a packed operand that other threads may read.
  long packed(long count) {
    return packed.address(count);
  }

  /// A block of C on its way out of the registers.
  float[] block() {
    return block;
  }

  /// Native memory that lives as long as its thread's scratch.
  private static final class Buffer {
    private MemorySegment segment = MemorySegment.NULL;

    long address(long count) {
      long bytes = count << 2;
      if (segment.byteSize() < bytes) {
        long size = Math.max(bytes, Math.max(1 << 16, 2 * segment.byteSize()));
        segment = Arena.ofAuto().allocate(size, 64);
      }
      return segment.address();
    }
  }
}
