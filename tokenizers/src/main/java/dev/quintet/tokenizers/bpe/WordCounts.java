package dev.quintet.tokenizers.bpe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Counts words without making a string of each occurrence; words keep the order in which they
/// first came.
final class WordCounts {

  private final List<String> words = new ArrayList<>();
  private long[] counts = new long[1024];

  /// Open addressing: the index of a word and one, or 0.
  private int[] slots = new int[4096];

  void add(String text, int start, int end) {
    int slot = slot(text, start, end);
    int index = slots[slot] - 1;
    if (index < 0) {
      index = words.size();
      words.add(text.substring(start, end));
      slots[slot] = index + 1;
      if (index == counts.length) {
        counts = Arrays.copyOf(counts, 2 * index);
      }
      if (2 * index > slots.length) {
        grow();
      }
    }
    counts[index]++;
  }

  private int slot(String text, int start, int end) {
    int hash = 0;
    for (int i = start; i < end; i++) {
      hash = 31 * hash + text.charAt(i);
    }
    int mask = slots.length - 1;
    int slot = (hash ^ hash >>> 15) * 0x9E3779B9 >>> 8 & mask;
    while (slots[slot] != 0) {
      String word = words.get(slots[slot] - 1);
      if (word.length() == end - start && text.startsWith(word, start)) {
        return slot;
      }
      slot = slot + 1 & mask;
    }
    return slot;
  }

  private void grow() {
    slots = new int[4 * slots.length];
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      slots[slot(word, 0, word.length())] = i + 1;
    }
  }

  int size() {
    return words.size();
  }

  String word(int i) {
    return words.get(i);
  }

  long count(int i) {
    return counts[i];
  }
}
