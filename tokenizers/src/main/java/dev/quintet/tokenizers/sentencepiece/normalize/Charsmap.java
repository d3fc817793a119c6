package dev.quintet.tokenizers.sentencepiece.normalize;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Replacement rules as SentencePiece compiles them into a model: a double array (Darts-clone's
/// units) from UTF-8 strings to places in a table of replacements, each ended by a zero byte.
///
/// Every place that the double array or the table names is checked while it is used, so a crafted
/// map can give wrong replacements and nothing worse.
public final class Charsmap {

  /// No rule matches.
  static final long NONE = -1;

  private static final int MAX_TRIE_BYTES = 64 << 20;

  private final int[] units;

  /// The whole map; replacements begin after the double array.
  private final byte[] bytes;

  private final int replacements;

  public Charsmap(byte[] map) {
    bytes = map;
    if (map.length == 0) {
      units = new int[0];
      replacements = 0;
      return;
    }
    ByteBuffer in = ByteBuffer.wrap(map).order(ByteOrder.LITTLE_ENDIAN);
    long size = map.length < 4 ? -1 : in.getInt() & 0xFFFFFFFFL;
    if (size < 1024 || size % 1024 != 0 || size > map.length - 4 || size > MAX_TRIE_BYTES) {
      throw new IllegalArgumentException(
          "a charsmap whose double array has a multiple of 1024 bytes within its "
              + map.length
              + " bytes, got "
              + size);
    }
    units = new int[(int) size / 4];
    in.asIntBuffer().get(units);
    replacements = 4 + (int) size;
  }

  boolean isEmpty() {
    return units.length == 0;
  }

  byte[] bytes() {
    return bytes;
  }

  /// The longest rule that matches at a place: how many bytes it takes in the high half, where its
  /// replacement begins in [#bytes] in the low half; or [#NONE].
  long longest(byte[] text, int start, int end) {
    if (units.length == 0) {
      return NONE;
    }
    long found = NONE;
    int at = offset(units[0]);
    for (int i = start; i < end; i++) {
      int label = text[i] & 0xFF;
      at ^= label;
      if (at < 0 || at >= units.length) {
        break;
      }
      int unit = units[at];
      if ((unit & 0x800000FF) != label) {
        break;
      }
      at ^= offset(unit);
      if (at < 0 || at >= units.length) {
        break;
      }
      if ((unit & 0x100) != 0) {
        int value = units[at] & 0x7FFFFFFF;
        if (value < bytes.length - replacements) {
          found = (long) (i + 1 - start) << 32 | replacements + value;
        }
      }
    }
    return found;
  }

  /// The replacement of the shortest rule that matches at the beginning.
  public Optional<String> shortest(byte[] text) {
    for (int length = 1; length <= text.length; length++) {
      long found = longest(text, 0, length);
      if (found != NONE) {
        int start = (int) found;
        return Optional.of(new String(bytes, start, end(start) - start, StandardCharsets.UTF_8));
      }
    }
    return Optional.empty();
  }

  private static int offset(int unit) {
    return unit >>> 10 << ((unit & 0x200) >>> 6);
  }

  /// Where a replacement ends.
  int end(int replacement) {
    int end = replacement;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return end;
  }

  /// Whether any rule begins with these bytes.
  boolean begins(int... first) {
    if (units.length == 0) {
      return false;
    }
    int at = offset(units[0]);
    for (int label : first) {
      at ^= label;
      if (at < 0 || at >= units.length || (units[at] & 0x800000FF) != label) {
        return false;
      }
      at ^= offset(units[at]);
      if (at < 0 || at >= units.length) {
        return false;
      }
    }
    return true;
  }
}
