package dev.quintet.tokenizers.word;

import dev.quintet.tokenizers.text.TokenBuffer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Remembers the tokens of short words, in two flat arrays, so that a known word costs one line of
/// memory. Each word has one slot, and a newcomer takes it. For one thread at a time.
public final class WordCache {

  /// Longer words are rare, and do not fit into a slot beside their length.
  private static final int MAX_LENGTH = 23;

  /// Three numbers of a word (its bytes, and its length in the highest byte) and one of its tokens.
  private static final int STRIDE = 4;

  private static final int SLOT_BITS = 15;

  /// What several tokens a word are kept in; when it is full all is forgotten.
  private static final int MAX_TOKENS = 1 << 18;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final long[] slots = new long[STRIDE << SLOT_BITS];

  /// Tokens in a row: id, begin and end in the word, in 32, 16 and 16 bits; a count before each row.
  private long[] tokens = new long[1 << 10];

  private int tokenCount;

  /// The word that was looked for last.
  private long word0;

  private long word1;
  private long word2;
  private int slot;
  private int start;
  private int length;

  /// Makes an empty cache.
  public WordCache() {}

  /// Adds a word's tokens to `out`: remembered ones, or else those that a model finds.
  ///
  /// @param model the model, always the same
  /// @param utf8 holds the word
  /// @param from where the word begins
  /// @param to where it ends
  /// @param out takes the tokens
  public void encode(WordModel model, byte[] utf8, int from, int to, TokenBuffer out) {
    if (to - from > MAX_LENGTH) {
      model.encode(utf8, from, to, out);
      return;
    }
    look(utf8, from, to);
    int at = slot;
    if (slots[at] == word0 && slots[at + 1] == word1 && slots[at + 2] == word2) {
      long found = slots[at + 3];
      if (found >= 0) {
        out.add((int) found, from, to);
      } else {
        copy((int) ~found, from, out);
      }
      return;
    }
    int first = out.size();
    model.encode(utf8, from, to, out);
    put(out, first);
  }

  private void look(byte[] utf8, int from, int to) {
    int size = to - from;
    long a;
    long b = 0;
    long c = 0;
    if (from + 3 * Long.BYTES > utf8.length) {
      a = tail(utf8, from, Math.min(to, from + 8));
      b = tail(utf8, from + 8, Math.min(to, from + 16));
      c = tail(utf8, from + 16, to);
    } else if (size < 8) {
      a = (long) LONGS.get(utf8, from) & (1L << 8 * size) - 1;
    } else {
      a = (long) LONGS.get(utf8, from);
      if (size < 16) {
        b = (long) LONGS.get(utf8, from + 8) & (1L << 8 * (size - 8)) - 1;
      } else {
        b = (long) LONGS.get(utf8, from + 8);
        c = (long) LONGS.get(utf8, from + 16) & (1L << 8 * (size - 16)) - 1;
      }
    }
    word0 = a;
    word1 = b;
    word2 = c | (long) size << 56;
    // Two odd constants without pattern; the product's high bits are mixed best.
    long hash = (a + Long.rotateLeft(b, 29) + c) * 0x9E3779B97F4A7C15L;
    hash = (hash ^ hash >>> 32) * 0xD6E8FEB86659FD93L;
    slot = (int) (hash >>> 64 - SLOT_BITS) * STRIDE;
    start = from;
    length = size;
  }

  private static long tail(byte[] utf8, int from, int to) {
    long bytes = 0;
    for (int i = to - 1; i >= from; i--) {
      bytes = bytes << 8 | utf8[i] & 0xFF;
    }
    return bytes;
  }

  private void copy(int at, int from, TokenBuffer out) {
    int end = at + 1 + (int) tokens[at];
    for (int i = at + 1; i < end; i++) {
      long token = tokens[i];
      out.add(
          (int) (token >>> 32),
          from + (int) (token >>> 16 & 0xFFFF),
          from + (int) (token & 0xFFFF));
    }
  }

  private void put(TokenBuffer out, int first) {
    int count = out.size() - first;
    if (tokenCount + count + 1 > MAX_TOKENS) {
      Arrays.fill(slots, 0);
      tokenCount = 0;
    }
    boolean whole = count == 1 && out.start(first) == start && out.end(first) == start + length;
    slots[slot] = word0;
    slots[slot + 1] = word1;
    slots[slot + 2] = word2;
    slots[slot + 3] = whole ? out.id(first) : ~tokenCount;
    if (whole) {
      return;
    }
    if (tokenCount + count + 1 > tokens.length) {
      tokens = Arrays.copyOf(tokens, Math.max(2 * tokens.length, tokenCount + count + 1));
    }
    tokens[tokenCount++] = count;
    for (int i = first; i < first + count; i++) {
      tokens[tokenCount++] =
          (long) out.id(i) << 32 | (long) (out.start(i) - start) << 16 | out.end(i) - start;
    }
  }
}
