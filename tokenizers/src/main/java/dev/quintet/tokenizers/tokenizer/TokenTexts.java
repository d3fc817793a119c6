package dev.quintet.tokenizers.tokenizer;

import dev.quintet.tokenizers.format.ByteLetters;
import dev.quintet.tokenizers.format.DecoderSpec;
import dev.quintet.tokenizers.token.Utf8;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.regex.Pattern;

/// What each id stands for in decoded text, in one array of bytes.
final class TokenTexts {

  private static final Pattern BYTE = Pattern.compile("<0x[0-9A-Fa-f]{2}>");
  private static final short NO_BYTE = -1;

  private final byte[] bytes;

  /// Where the text of each id begins; one more than there are ids.
  private final int[] starts;

  private final boolean[] known;
  private final boolean[] special;

  /// The byte that a token such as `<0x0A>` falls back to, or -1; empty when none does.
  private final short[] fallbacks;

  /// How each token looks as the first one, where that differs; else there are none.
  private final String[] firsts;

  /// Whether tokens are joined by spaces, as without a decoder.
  private final boolean spaced;

  TokenTexts(
      int size, IntFunction<Optional<String>> tokens, boolean[] special, DecoderSpec decoder) {
    this.special = special;
    this.spaced = decoder == DecoderSpec.SPACES;
    this.starts = new int[size + 1];
    this.known = new boolean[size];
    this.fallbacks = new short[decoder == DecoderSpec.BYTE_FALLBACK_THEN_BYTE_LEVEL ? size : 0];
    this.firsts = new String[decoder == DecoderSpec.METASPACE ? size : 0];
    var all = new ByteArrayOutputStream(8 * size);
    for (int id = 0; id < size; id++) {
      String token = tokens.apply(id).orElse("");
      known[id] = !token.isEmpty();
      all.writeBytes(
          switch (decoder) {
            case SPACES -> token.getBytes(StandardCharsets.UTF_8);
            case BYTE_LEVEL, BYTE_FALLBACK_THEN_BYTE_LEVEL -> bytesOf(token);
            case METASPACE, METASPACE_THROUGHOUT ->
                token.replace('▁', ' ').getBytes(StandardCharsets.UTF_8);
          });
      starts[id + 1] = all.size();
      if (firsts.length > 0) {
        firsts[id] = token.replace("▁", "");
      }
      if (fallbacks.length > 0) {
        fallbacks[id] = fallback(token);
      }
    }
    this.bytes = all.toByteArray();
  }

  private static short fallback(String token) {
    return BYTE.matcher(token).matches()
        ? (short) Integer.parseInt(token.substring(3, 5), 16)
        : NO_BYTE;
  }

  /// The bytes that a token's letters stand for; a token with any other character stands for
  /// itself, as in the reference.
  private static byte[] bytesOf(String token) {
    byte[] bytes = new byte[token.length()];
    for (int i = 0; i < bytes.length; i++) {
      int value = ByteLetters.value(token.charAt(i));
      if (value < 0) {
        return token.getBytes(StandardCharsets.UTF_8);
      }
      bytes[i] = (byte) value;
    }
    return bytes;
  }

  String decode(int[] ids, boolean skipSpecialTokens) {
    Bytes text = new Bytes(Math.max(16, 8 * ids.length));
    Bytes run = new Bytes(0);
    boolean first = true;
    for (int id : ids) {
      if (id < 0 || id >= known.length || !known[id] || skipSpecialTokens && special[id]) {
        continue;
      }
      if (fallbacks.length > 0 && fallbacks[id] != NO_BYTE) {
        run.add((byte) fallbacks[id]);
        continue;
      }
      flush(run, text);
      if (spaced && !first) {
        text.add((byte) ' ');
      }
      if (first && firsts.length > 0) {
        byte[] begin = firsts[id].getBytes(StandardCharsets.UTF_8);
        text.add(begin, 0, begin.length);
      } else {
        text.add(bytes, starts[id], starts[id + 1] - starts[id]);
      }
      first = false;
    }
    flush(run, text);
    return Utf8.decode(text.items, text.size);
  }

  /// A run of fallen-back bytes is a token if it is UTF-8, else each byte is U+FFFD; its characters
  /// are then read as byte letters like any token's, as in the reference.
  private static void flush(Bytes run, Bytes text) {
    if (run.size == 0) {
      return;
    }
    String decoded = Utf8.decode(run.items, run.size);
    byte[] again = decoded.getBytes(StandardCharsets.UTF_8);
    boolean valid = Arrays.equals(again, 0, again.length, run.items, 0, run.size);
    byte[] token = valid ? bytesOf(decoded) : "�".repeat(run.size).getBytes(StandardCharsets.UTF_8);
    text.add(token, 0, token.length);
    run.size = 0;
  }

  private static final class Bytes {
    private byte[] items;
    private int size;

    Bytes(int capacity) {
      items = new byte[capacity];
    }

    void add(byte item) {
      if (size == items.length) {
        items = Arrays.copyOf(items, Math.max(16, 2 * size));
      }
      items[size++] = item;
    }

    void add(byte[] from, int start, int length) {
      if (size + length > items.length) {
        items = Arrays.copyOf(items, Math.max(2 * items.length, size + length));
      }
      System.arraycopy(from, start, items, size, length);
      size += length;
    }
  }
}
