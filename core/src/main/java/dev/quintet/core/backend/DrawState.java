package dev.quintet.core.backend;

import dev.quintet.core.random.PhiloxState;
import java.lang.foreign.MemorySegment;

/// Where the random numbers of rows stand, in device memory: seed, stream and position of each row's generator. A kernel
/// that draws for a row goes on by one number.
///
/// @param address of int64 `[rows, 3]`
public record DrawState(long address) {

  /// The size of the state of so many rows.
  public static long bytes(int rows) {
    return 24L * rows;
  }

  /// Writes where each row's generator stands.
  public void write(Memory memory, PhiloxState... rows) {
    long[] words = new long[3 * rows.length];
    for (int row = 0; row < rows.length; row++) {
      words[3 * row] = rows[row].seed();
      words[3 * row + 1] = rows[row].stream();
      words[3 * row + 2] = rows[row].position();
    }
    memory.write(MemorySegment.ofArray(words), address, bytes(rows.length));
  }
}
