package dev.quintet.tokenizers.bpe;

import dev.quintet.tokenizers.primitive.DroppingHeap;
import dev.quintet.tokenizers.primitive.LongHeap;
import dev.quintet.tokenizers.text.TokenBuffer;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/// The symbols of one word while they are merged.
final class Symbols {

  /// Up to here looking at every pair for each merge is faster than a heap.
  private static final int FEW = 40;

  private static final int GONE = -1;
  private static final long NO_MERGE = Long.MAX_VALUE;

  private int[] ids;
  private int[] begins;
  private int[] ends;
  private int size;

  Symbols(int capacity) {
    ids = new int[capacity];
    begins = new int[capacity];
    ends = new int[capacity];
  }

  void add(int id, int begin, int end) {
    if (size == ids.length) {
      int capacity = Math.max(16, Math.addExact(size, size));
      ids = Arrays.copyOf(ids, capacity);
      begins = Arrays.copyOf(begins, capacity);
      ends = Arrays.copyOf(ends, capacity);
    }
    ids[size] = id;
    begins[size] = begin;
    ends[size++] = end;
  }

  void merge(PairTable merges) {
    if (size <= FEW) {
      mergeFew(merges);
    } else {
      mergeMany(merges, new LongHeap(size));
    }
  }

  /// Merges, but leaves each merge out with a probability when its turn comes.
  void merge(PairTable merges, double dropout, RandomGenerator random) {
    mergeMany(merges, new DroppingHeap(size, dropout, random));
  }

  private void mergeFew(PairTable merges) {
    long[] found = new long[size];
    for (int i = 0; i + 1 < size; i++) {
      found[i] = merges.merge(ids[i], ids[i + 1]);
    }
    while (size > 1) {
      int best = 0;
      for (int i = 1; i + 1 < size; i++) {
        // Ranks stand in the high half: the result in the low half never decides, as a rank has
        // one.
        if (found[i] < found[best]) {
          best = i;
        }
      }
      if (found[best] == NO_MERGE) {
        return;
      }
      ids[best] = (int) found[best];
      ends[best] = ends[best + 1];
      int moved = size - best - 2;
      System.arraycopy(ids, best + 2, ids, best + 1, moved);
      System.arraycopy(begins, best + 2, begins, best + 1, moved);
      System.arraycopy(ends, best + 2, ends, best + 1, moved);
      System.arraycopy(found, best + 2, found, best + 1, moved);
      size--;
      if (best > 0) {
        found[best - 1] = merges.merge(ids[best - 1], ids[best]);
      }
      found[best] = best + 1 < size ? merges.merge(ids[best], ids[best + 1]) : NO_MERGE;
    }
  }

  /// A linked list of symbols and a heap of (rank, position), from which outdated entries are
  /// dropped when they come up.
  private void mergeMany(PairTable merges, LongHeap heap) {
    int[] previous = new int[size];
    int[] next = new int[size];
    for (int i = 0; i < size; i++) {
      previous[i] = i - 1;
      next[i] = i + 1 < size ? i + 1 : GONE;
      push(heap, merges, i, next[i]);
    }
    while (!heap.isEmpty()) {
      long top = heap.pop();
      int at = (int) top;
      int right = ids[at] == GONE ? GONE : next[at];
      if (right == GONE) {
        continue;
      }
      long merge = merges.merge(ids[at], ids[right]);
      if (merge == NO_MERGE || merge >>> 32 != top >>> 32) {
        continue;
      }
      ids[at] = (int) merge;
      ends[at] = ends[right];
      ids[right] = GONE;
      next[at] = next[right];
      if (next[at] != GONE) {
        previous[next[at]] = at;
      }
      if (previous[at] != GONE) {
        push(heap, merges, previous[at], at);
      }
      push(heap, merges, at, next[at]);
    }
    int kept = 0;
    for (int i = 0; i != GONE && size > 0; i = next[i]) {
      ids[kept] = ids[i];
      begins[kept] = begins[i];
      ends[kept++] = ends[i];
    }
    size = kept;
  }

  private void push(LongHeap heap, PairTable merges, int left, int right) {
    if (right != GONE) {
      long merge = merges.merge(ids[left], ids[right]);
      if (merge != NO_MERGE) {
        heap.push(merge & 0xFFFFFFFF00000000L | left);
      }
    }
  }

  /// Gives the symbols away, with `shift` added to their places.
  void write(TokenBuffer out, int shift) {
    for (int i = 0; i < size; i++) {
      out.add(ids[i], shift + begins[i], shift + ends[i]);
    }
  }
}
