package dev.quintet.tokenizers.sentencepiece.unigram;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// Remembers how short words are segmented; bounded, and shared by threads without locks: an entry
/// never changes once it is there, and is written whole before it is seen.
///
/// An entry is one array, so that a word that is known costs two reads from far memory: its bytes
/// in three numbers; their number in the low half of a fourth, with its reach in the high half;
/// then for each piece its id in the low half and its end in the high half.
final class KnownWords {

  /// What fits into three numbers.
  static final int MAX_LENGTH = 24;

  /// Where the pieces begin in an entry.
  static final int PIECES = 4;

  private static final int BITS = 16;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[][].class);

  private final long[][] slots = new long[1 << BITS][];

  /// A word's bytes from the k-th on, 8 at most; 24 must follow where the word begins.
  private static long key(byte[] text, int from, int to, int k) {
    int length = to - from - k;
    if (length <= 0) {
      return 0;
    }
    long bytes = (long) LONGS.get(text, from + k);
    return length >= 8 ? bytes : bytes & (1L << 8 * length) - 1;
  }

  private static int slot(long first, long second, long third) {
    long mixed = ((first * 0x9E3779B97F4A7C15L ^ second) * 0xC2B2AE3D27D4EB4FL ^ third);
    return (int) (mixed * 0x9E3779B97F4A7C15L >>> 64 - BITS);
  }

  private long @Nullable [] at(int slot) {
    return (long[]) SLOT.getAcquire(slots, slot);
  }

  long @Nullable [] find(byte[] text, int from, int to) {
    long first = key(text, from, to, 0);
    long second = key(text, from, to, 8);
    long third = key(text, from, to, 16);
    int slot = slot(first, second, third);
    for (int way = 0; way < 2; way++) {
      long[] word = at(slot ^ way);
      if (word != null
          && word[0] == first
          && word[1] == second
          && word[2] == third
          && (int) word[3] == to - from) {
        return word;
      }
    }
    return null;
  }

  /// Adds a word in place of one that was added before.
  ///
  /// @param reach how large the sum of scores before the word may be, so that rounding cannot
  ///     decide between its best segmentation and another
  long[] put(byte[] text, int from, int to, float reach, long[] pieces) {
    long[] word = new long[PIECES + pieces.length];
    word[0] = key(text, from, to, 0);
    word[1] = key(text, from, to, 8);
    word[2] = key(text, from, to, 16);
    word[3] = (long) Float.floatToRawIntBits(reach) << 32 | to - from;
    System.arraycopy(pieces, 0, word, PIECES, pieces.length);
    int slot = slot(word[0], word[1], word[2]);
    SLOT.setRelease(slots, slot ^ 1, at(slot));
    SLOT.setRelease(slots, slot, word);
    return word;
  }

  static float reach(long[] word) {
    return Float.intBitsToFloat((int) (word[3] >>> 32));
  }
}
