package dev.quintet.tokenizers.bpe;

import java.util.Arrays;

/// From a pair of ids to the merge of it: open addressing with linear probing, no boxing.
final class PairTable {

  private static final long EMPTY = -1;

  private final long[] pairs;
  private final long[] merges;
  private final int mask;

  /// Takes merges, three ids each (left, right, result), best first; of a pair that stands twice
  /// the last counts, as in the reference.
  PairTable(int[] merges) {
    int count = merges.length / 3;
    int capacity = Integer.highestOneBit(Math.max(count, 4)) << 2;
    this.pairs = new long[capacity];
    this.merges = new long[capacity];
    this.mask = capacity - 1;
    Arrays.fill(pairs, EMPTY);
    for (int rank = 0; rank < count; rank++) {
      long pair = (long) merges[3 * rank] << 32 | merges[3 * rank + 1];
      int slot = slot(pair);
      pairs[slot] = pair;
      this.merges[slot] = (long) rank << 32 | merges[3 * rank + 2];
    }
  }

  private int slot(long pair) {
    // Fibonacci hashing: the high half of the product is well mixed.
    int slot = (int) (pair * 0x9E3779B97F4A7C15L >>> 32) & mask;
    while (pairs[slot] != EMPTY && pairs[slot] != pair) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  /// The rank of a pair's merge in the high half and its result in the low half, or
  /// `Long.MAX_VALUE` when the pair has none.
  long merge(int left, int right) {
    long pair = (long) left << 32 | right;
    int slot = slot(pair);
    return pairs[slot] == pair ? merges[slot] : Long.MAX_VALUE;
  }

  /// The rank of a pair's merge, or `Integer.MAX_VALUE` when the pair has none.
  int rank(int left, int right) {
    return (int) (merge(left, right) >>> 32);
  }
}
