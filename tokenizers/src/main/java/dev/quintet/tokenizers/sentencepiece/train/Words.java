package dev.quintet.tokenizers.sentencepiece.train;

import dev.quintet.tokenizers.primitive.IntOrder;
import java.util.Arrays;

/// Distinct strings of UTF-8 with counts, in one array of bytes: no object for each.
public final class Words {

  private byte[] bytes;
  private int[] starts;
  private long[] counts;
  private int size;

  /// Open addressing: the number of a word and one, or 0.
  private int[] slots;

  Words() {
    bytes = new byte[1 << 16];
    starts = new int[1 << 10];
    counts = new long[1 << 10];
    slots = new int[1 << 12];
  }

  /// How many different words there are.
  ///
  /// @return the number
  public int size() {
    return size;
  }

  /// Holds all words. Not copied: treat as read-only.
  ///
  /// @return the array
  public byte[] bytes() {
    return bytes;
  }

  /// Where a word begins in [#bytes].
  ///
  /// @param word its number
  /// @return the index
  public int start(int word) {
    return starts[word];
  }

  /// Where a word ends in [#bytes].
  ///
  /// @param word its number
  /// @return the index after it
  public int end(int word) {
    return starts[word + 1];
  }

  /// How often a word was added.
  ///
  /// @param word its number
  /// @return the count
  public long count(int word) {
    return counts[word];
  }

  /// Counts a word. The words keep the order in which they first came.
  void add(byte[] text, int from, int to, long count) {
    int slot = slot(text, from, to);
    int word = slots[slot] - 1;
    if (word >= 0) {
      counts[word] += count;
      return;
    }
    slots[slot] = size + 1;
    append(text, from, to, count);
    if (2 * size > slots.length) {
      grow();
    }
  }

  /// Adds a word as a new one, be it there already or not. Not to be mixed with [#add].
  void append(byte[] text, int from, int to, long count) {
    int length = to - from;
    int start = starts[size];
    if (bytes.length - start < length) {
      long capacity = Math.max(2L * bytes.length, (long) start + length);
      if (start + (long) length > Integer.MAX_VALUE - 8) {
        throw new IllegalArgumentException(
            "SentencePiece training: the different words have more than 2 GB;"
                + " input_sentence_size takes a sample of the lines");
      }
      bytes = Arrays.copyOf(bytes, (int) Math.min(capacity, Integer.MAX_VALUE - 8));
    }
    if (size + 2 > starts.length) {
      starts = Arrays.copyOf(starts, 2 * starts.length);
      counts = Arrays.copyOf(counts, 2 * counts.length);
    }
    System.arraycopy(text, from, bytes, start, length);
    counts[size++] = count;
    starts[size] = start + length;
  }

  private int slot(byte[] text, int from, int to) {
    int hash = 0;
    for (int i = from; i < to; i++) {
      hash = 31 * hash + text[i];
    }
    int mask = slots.length - 1;
    // Fibonacci hashing spreads what the sum of powers left in the low bits.
    int slot = (int) (hash * 0x9E3779B97F4A7C15L >>> 33) & mask;
    while (slots[slot] != 0) {
      int word = slots[slot] - 1;
      if (Arrays.equals(bytes, starts[word], starts[word + 1], text, from, to)) {
        return slot;
      }
      slot = slot + 1 & mask;
    }
    return slot;
  }

  private void grow() {
    slots = new int[2 * slots.length];
    for (int w = 0; w < size; w++) {
      slots[slot(bytes, starts[w], starts[w + 1])] = w + 1;
    }
  }

  /// These words, most frequent first; among equals in the order of their bytes, which is that of
  /// their code points.
  Words sorted() {
    int[] order = new int[size];
    for (int w = 0; w < size; w++) {
      order[w] = w;
    }
    IntOrder.sort(
        order,
        (a, b) ->
            counts[a] != counts[b]
                ? Long.compare(counts[b], counts[a])
                : Arrays.compareUnsigned(
                    bytes, starts[a], starts[a + 1], bytes, starts[b], starts[b + 1]));
    Words sorted = new Words();
    sorted.bytes = new byte[starts[size]];
    sorted.starts = new int[size + 1];
    sorted.counts = new long[size];
    sorted.slots = new int[0];
    for (int word : order) {
      int length = starts[word + 1] - starts[word];
      int start = sorted.starts[sorted.size];
      System.arraycopy(bytes, starts[word], sorted.bytes, start, length);
      sorted.counts[sorted.size++] = counts[word];
      sorted.starts[sorted.size] = start + length;
    }
    return sorted;
  }
}
