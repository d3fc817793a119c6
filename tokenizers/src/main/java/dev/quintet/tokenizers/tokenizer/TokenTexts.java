package dev.quintet.tokenizers.tokenizer;

import dev.quintet.tokenizers.format.ByteLetters;
import dev.quintet.tokenizers.token.Utf8;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntFunction;

/// What each id stands for in decoded text, in one array of bytes.
final class TokenTexts {

  private final byte[] bytes;

  /// Where the text of each id begins; one more than there are ids.
  private final int[] starts;

  private final boolean[] known;
  private final boolean[] special;

  /// Whether tokens are joined by spaces, as without a decoder.
  private final boolean spaced;

  TokenTexts(
      int size, IntFunction<Optional<String>> tokens, boolean[] special, boolean byteLetters) {
    this.special = special;
    this.spaced = !byteLetters;
    this.starts = new int[size + 1];
    this.known = new boolean[size];
    var all = new ByteArrayOutputStream(8 * size);
    for (int id = 0; id < size; id++) {
      Optional<String> token = tokens.apply(id);
      known[id] = token.isPresent();
      all.writeBytes(
          byteLetters
              ? bytesOf(token.orElse(""))
              : token.orElse("").getBytes(StandardCharsets.UTF_8));
      starts[id + 1] = all.size();
    }
    this.bytes = all.toByteArray();
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
    byte[] text = new byte[Math.max(16, 8 * ids.length)];
    int size = 0;
    boolean first = true;
    for (int id : ids) {
      if (id < 0 || id >= known.length || !known[id] || skipSpecialTokens && special[id]) {
        continue;
      }
      int length = starts[id + 1] - starts[id];
      if (size + length + 1 > text.length) {
        text = Arrays.copyOf(text, Math.max(2 * text.length, size + length + 1));
      }
      if (spaced && !first) {
        text[size++] = ' ';
      }
      System.arraycopy(bytes, starts[id], text, size, length);
      size += length;
      first = false;
    }
    return Utf8.decode(text, size);
  }
}
