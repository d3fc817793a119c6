package dev.quintet.core.cpu.vector;

import dev.quintet.core.cpu.work.NativeRoom;

/// Working memory of one thread, grown to the largest size asked for and kept.
///
/// Whoever asks twice for the same buffer gets the same memory: each is used by one kernel at a time.
public final class Scratch {
  private static final ThreadLocal<Scratch> MINE = ThreadLocal.withInitial(Scratch::new);

  private float[] floats = new float[1 << 14];
  private float[] turned = new float[1 << 10];
  private final NativeRoom packed = new NativeRoom();
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

  /// A heap array of at least `count` elements for what [Transposition] holds between its steps.
  float[] turned(int count) {
    if (turned.length < count) {
      turned = new float[Math.max(count, 2 * turned.length)];
    }
    return turned;
  }

  /// The address of `count` float32 for a packed operand that other threads may read.
  long packed(long count) {
    return packed.floats(count);
  }

  /// A block of C on its way out of the registers.
  float[] block() {
    return block;
  }
}
