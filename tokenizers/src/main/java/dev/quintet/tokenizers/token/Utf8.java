package dev.quintet.tokenizers.token;

import java.nio.charset.StandardCharsets;

/// Decodes UTF-8 that may be broken.
public final class Utf8 {

  private static final char REPLACEMENT = '�';

  private Utf8() {}

  /// Decodes bytes; each longest stretch that begins a character and does not end it becomes one
  /// U+FFFD (Unicode 16, section 3.9, "maximal subparts"), as in Rust. The JDK's decoder counts
  /// some of them differently.
  ///
  /// @param bytes the bytes
  /// @param size how many of them
  /// @return the text
  public static String decode(byte[] bytes, int size) {
    String text = new String(bytes, 0, size, StandardCharsets.UTF_8);
    return text.indexOf(REPLACEMENT) < 0 ? text : decodeBroken(bytes, size);
  }

  private static String decodeBroken(byte[] bytes, int size) {
    StringBuilder out = new StringBuilder(size);
    for (int i = 0; i < size; ) {
      int lead = bytes[i++] & 0xFF;
      if (lead < 0x80) {
        out.append((char) lead);
        continue;
      }
      int trailing = lead < 0xC2 || lead > 0xF4 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
      int codePoint = lead & 0x3F >> trailing;
      int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
      int high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
      int seen = 0;
      while (seen < trailing && i < size) {
        int next = bytes[i] & 0xFF;
        if (next < low || next > high) {
          break;
        }
        codePoint = codePoint << 6 | next & 0x3F;
        low = 0x80;
        high = 0xBF;
        seen++;
        i++;
      }
      if (trailing > 0 && seen == trailing) {
        out.appendCodePoint(codePoint);
      } else {
        out.append(REPLACEMENT);
      }
    }
    return out.toString();
  }
}
