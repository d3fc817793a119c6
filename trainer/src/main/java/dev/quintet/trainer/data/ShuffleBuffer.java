package dev.quintet.trainer.data;

import dev.quintet.core.random.Philox;
import dev.quintet.core.random.Site;

/// The order that a shuffle buffer gives: each place takes a random slot of the buffer, which the next row refills, so that
/// a file is read from its beginning to its end.
public final class ShuffleBuffer {
  private static final long DRAW = Site.of("data.shuffle_buffer");

  private ShuffleBuffer() {}

  /// The rows of an epoch in their order: a function of its arguments alone.
  ///
  /// @param rows how many there are
  /// @param slots of the buffer; with one the order is that of the file, and with as many as rows all are shuffled
  /// @param seed of what is drawn
  /// @param epoch from 0
  /// @throws IllegalArgumentException if there is no slot
  public static int[] order(int rows, int slots, long seed, long epoch) {
    if (slots < 1) {
      throw new IllegalArgumentException("a shuffle buffer has at least 1 slot, not " + slots);
    }
    Philox random = Philox.of(seed, DRAW + epoch);
    int filled = Math.min(rows, slots);
    int[] buffer = new int[filled];
    for (int i = 0; i < filled; i++) {
      buffer[i] = i;
    }
    int[] order = new int[rows];
    int next = filled;
    for (int i = 0; i < rows; i++) {
      int slot = random.nextInt(filled);
      order[i] = buffer[slot];
      buffer[slot] = next < rows ? next++ : buffer[--filled];
    }
    return order;
  }
}
