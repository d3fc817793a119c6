package dev.quintet.tokenizers.primitive;

import java.util.Arrays;

/// Numbers pairs of ids in the order in which they first come: open addressing, no boxing.
public final class PairIndex {

  private static final long EMPTY = -1;

  private long[] pairs = new long[4096];
  private int[] indices = new int[4096];
  private int size;

  public PairIndex() {
    Arrays.fill(pairs, EMPTY);
  }

  public int index(int left, int right) {
    long pair = (long) left << 32 | right;
    int slot = slot(pair);
    if (pairs[slot] == EMPTY) {
      pairs[slot] = pair;
      indices[slot] = size++;
      if (2 * size > pairs.length) {
        grow();
        return size - 1;
      }
    }
    return indices[slot];
  }

  private int slot(long pair) {
    int mask = pairs.length - 1;
    int slot = (int) (pair * 0x9E3779B97F4A7C15L >>> 32) & mask;
    while (pairs[slot] != EMPTY && pairs[slot] != pair) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  private void grow() {
    long[] oldPairs = pairs;
    int[] oldIndices = indices;
    pairs = new long[2 * oldPairs.length];
    indices = new int[pairs.length];
    Arrays.fill(pairs, EMPTY);
    for (int i = 0; i < oldPairs.length; i++) {
      if (oldPairs[i] != EMPTY) {
        int slot = slot(oldPairs[i]);
        pairs[slot] = oldPairs[i];
        indices[slot] = oldIndices[i];
      }
    }
  }
}
