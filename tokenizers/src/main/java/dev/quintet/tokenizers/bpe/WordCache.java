package dev.quintet.tokenizers.bpe;

import dev.quintet.tokenizers.token.TokenBuffer;
import org.jspecify.annotations.Nullable;

/// Remembers the tokens of short words; bounded, and shared by threads without locks.
///
/// Each word has one slot, and a newcomer takes it. Entries have only final fields, so the memory
/// model lets threads read and replace them without synchronisation: a reader sees an old entry or
/// a new one, never half of one.
final class WordCache {

  /// Longer words are rare and would make the cache's memory hard to bound.
  static final int MAX_LENGTH = 48;

  private static final int SLOTS = 1 << 15;

  private record Entry(String word, int[] ids, short[] starts, short[] ends) {}

  private final @Nullable Entry[] entries = new @Nullable Entry[SLOTS];

  static int slot(String text, int start, int end) {
    int hash = 0;
    for (int i = start; i < end; i++) {
      hash = 31 * hash + text.charAt(i);
    }
    return (hash * 0x9E3779B9) >>> 17;
  }

  /// Adds a word's tokens to `out` if they are known.
  boolean find(int slot, String text, int start, int end, TokenBuffer out) {
    Entry entry = entries[slot];
    int length = end - start;
    if (entry == null || entry.word.length() != length || !text.startsWith(entry.word, start)) {
      return false;
    }
    for (int i = 0; i < entry.ids.length; i++) {
      out.add(entry.ids[i], start + entry.starts[i], start + entry.ends[i]);
    }
    return true;
  }

  /// Remembers the tokens that `out` has from `first` on.
  void put(int slot, String text, int start, int end, TokenBuffer out, int first) {
    int count = out.size() - first;
    int[] ids = new int[count];
    short[] starts = new short[count];
    short[] ends = new short[count];
    for (int i = 0; i < count; i++) {
      ids[i] = out.id(first + i);
      starts[i] = (short) (out.start(first + i) - start);
      ends[i] = (short) (out.end(first + i) - start);
    }
    entries[slot] = new Entry(text.substring(start, end), ids, starts, ends);
  }
}
