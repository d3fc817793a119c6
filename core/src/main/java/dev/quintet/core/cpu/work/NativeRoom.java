package dev.quintet.core.cpu.work;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Native memory for a thread's packed operands, grown to the largest size asked for and kept as long as this object.
public final class NativeRoom {
  private MemorySegment segment = MemorySegment.NULL;

  /// The address of at least `count` float32, aligned to 64 bytes. What was there before is lost when it grows.
  public long floats(long count) {
    long bytes = count << 2;
    if (segment.byteSize() < bytes) {
      long size = Math.max(bytes, Math.max(1 << 16, 2 * segment.byteSize()));
      segment = Arena.ofAuto().allocate(size, 64);
    }
    return segment.address();
  }
}
