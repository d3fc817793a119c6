package dev.quintet.tokenizers.text;

import java.nio.charset.StandardCharsets;

/// UTF-8 that may be broken.
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
    return text.indexOf(REPLACEMENT) < 0 ? text : decodeBroken(bytes, size, false);
  }

  /// Decodes bytes; each byte that is not part of a character becomes one U+FFFD, as in
  /// SentencePiece.
  ///
  /// @param bytes the bytes
  /// @param size how many of them
  /// @return the text
  public static String decodeByteByByte(byte[] bytes, int size) {
    return decodeBroken(bytes, size, true);
  }

  /// Decodes bytes and leaves out those that are not part of a character, as Python does with
  /// `errors="ignore"`.
  ///
  /// @param bytes the bytes
  /// @param size how many of them
  /// @return the text
  public static String decodeValid(byte[] bytes, int size) {
    String text = new String(bytes, 0, size, StandardCharsets.UTF_8);
    if (text.indexOf(REPLACEMENT) < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder(size);
    for (int i = 0; i < size; ) {
      int length = validLength(bytes, i, size);
      if (length > 0) {
        out.appendCodePoint(codePoint(bytes, i, length));
      }
      i += Math.max(length, 1);
    }
    return out.toString();
  }

  private static String decodeBroken(byte[] bytes, int size, boolean byteByByte) {
    StringBuilder out = new StringBuilder(size);
    for (int i = 0; i < size; ) {
      int seen = begun(bytes, i, size);
      int length = length(bytes[i]);
      if (length > 0 && seen == length) {
        out.appendCodePoint(codePoint(bytes, i, length));
        i += length;
      } else {
        out.append(REPLACEMENT);
        i += byteByByte ? 1 : seen;
      }
    }
    return out.toString();
  }

  /// The length of the character that begins at a place.
  ///
  /// @param bytes the bytes
  /// @param at the place
  /// @param end where they end
  /// @return 1 to 4, or 0 when there is no valid character
  public static int validLength(byte[] bytes, int at, int end) {
    int length = length(bytes[at]);
    return length > 0 && begun(bytes, at, end) == length ? length : 0;
  }

  /// The length that a character's first byte promises, by its high half alone, cut at the end of
  /// the text: how SentencePiece steps.
  ///
  /// @param bytes the bytes
  /// @param at the place
  /// @param end where they end
  /// @return 1 to 4
  public static int step(byte[] bytes, int at, int end) {
    int lead = bytes[at] & 0xFF;
    int length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    return Math.min(length, end - at);
  }

  private static int length(byte first) {
    int lead = first & 0xFF;
    return lead < 0x80 ? 1 : lead < 0xC2 || lead > 0xF4 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  }

  /// How many bytes of a character stand at a place, at least 1.
  private static int begun(byte[] bytes, int at, int end) {
    int lead = bytes[at] & 0xFF;
    int length = length(bytes[at]);
    int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    int high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    int seen = 1;
    while (seen < length && at + seen < end) {
      int next = bytes[at + seen] & 0xFF;
      if (next < low || next > high) {
        break;
      }
      low = 0x80;
      high = 0xBF;
      seen++;
    }
    return seen;
  }

  /// Where a character begins in valid UTF-8.
  ///
  /// @param bytes the text
  /// @param at a place in it, or its end
  /// @return the begin of the character that the place is in
  public static int characterStart(byte[] bytes, int at) {
    int start = at;
    while (start < bytes.length && bytes[start] < (byte) 0xC0) {
      start--;
    }
    return start;
  }

  /// How many UTF-16 units valid UTF-8 stands for.
  ///
  /// @param bytes the text
  /// @param from where to begin to count
  /// @param to where to end
  /// @return the number of units
  public static int units(byte[] bytes, int from, int to) {
    int units = 0;
    for (int i = from; i < to; i++) {
      byte b = bytes[i];
      units += b >= (byte) 0xF0 && b < 0 ? 2 : b < (byte) 0xC0 ? 0 : 1;
    }
    return units;
  }

  /// The length of a character in valid UTF-8.
  ///
  /// @param lead its first byte
  /// @return 1 to 4
  public static int lengthByLead(byte lead) {
    return lead >= 0 ? 1 : lead < (byte) 0xE0 ? 2 : lead < (byte) 0xF0 ? 3 : 4;
  }

  /// The character at a place in valid UTF-8.
  ///
  /// @param bytes the text
  /// @param at where the character begins
  /// @param length its length, 1 to 4
  /// @return the code point
  public static int codePoint(byte[] bytes, int at, int length) {
    if (length == 1) {
      return bytes[at];
    }
    int codePoint = bytes[at] & 0x7F >> length;
    for (int i = 1; i < length; i++) {
      codePoint = codePoint << 6 | bytes[at + i] & 0x3F;
    }
    return codePoint;
  }
}
