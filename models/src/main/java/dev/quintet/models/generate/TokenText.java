package dev.quintet.models.generate;

import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.text.ByteLetters;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/// What a token adds to the text before it, as UTF-8 or as a part of it.
final class TokenText {
  private static final Pattern BYTE = Pattern.compile("<0x[0-9A-Fa-f]{2}>");
  private static final char REPLACEMENT = '�';

  private TokenText() {}

  /// Whether a token is a single byte, such as `<0xE2>`: a run of such is text only when it is whole.
  static boolean isByte(String token) {
    return BYTE.matcher(token).matches();
  }

  /// The bytes of a token.
  ///
  /// @param before ids in front of it
  /// @param text what those decode to
  static byte[] bytes(Tokenizer tokenizer, int[] before, String text, int id) {
    int[] longer = Arrays.copyOf(before, before.length + 1);
    longer[before.length] = id;
    String whole = tokenizer.decode(longer);
    int begin = whole.indexOf(text);
    String added =
        begin < 0 ? tokenizer.decode(new int[] {id}) : whole.substring(begin + text.length());
    // Part of a character: as bytes it still counts.
    if (added.indexOf(REPLACEMENT) >= 0) {
      String token = tokenizer.token(id);
      if (isByte(token)) {
        return new byte[] {(byte) Integer.parseInt(token.substring(3, 5), 16)};
      }
      if (token.chars().allMatch(letter -> ByteLetters.value((char) letter) >= 0)) {
        byte[] bytes = new byte[token.length()];
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = (byte) ByteLetters.value(token.charAt(i));
        }
        return bytes;
      }
    }
    return added.getBytes(StandardCharsets.UTF_8);
  }
}
