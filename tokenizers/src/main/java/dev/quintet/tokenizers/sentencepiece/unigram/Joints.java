package dev.quintet.tokenizers.sentencepiece.unigram;

import java.util.List;

/// Which neighbouring characters stand together in some piece, told by the last byte of one and the
/// first of the other. Where two do not, no piece reaches across, and a text falls into parts that
/// are segmented each on its own.
final class Joints {

  /// Stands for U+2581, which shares its first byte with much other punctuation; no character
  /// begins with this byte.
  private static final int SPACE = 0xFF;

  private static final int FIRST_LEAD = 0xC0;

  private final boolean[] joined = new boolean[1 << 16];

  Joints(List<byte[]> pieces) {
    for (int before = 0; before < 256; before++) {
      for (int next = 0; next < 256; next++) {
        joined[before << 8 | next] = before >= FIRST_LEAD || next >= 0x80 && next < FIRST_LEAD;
      }
    }
    for (byte[] piece : pieces) {
      for (int i = 1; i < piece.length; i++) {
        joined[(piece[i - 1] & 0xFF) << 8 | first(piece, i, piece.length)] = true;
      }
    }
  }

  private static int first(byte[] text, int at, int end) {
    int first = text[at] & 0xFF;
    return first == 0xE2
            && end - at > 2
            && text[at + 1] == (byte) 0x96
            && text[at + 2] == (byte) 0x81
        ? SPACE
        : first;
  }

  /// Whether some piece may reach from before a place in valid UTF-8 to after it.
  boolean at(byte[] text, int at, int end) {
    return joined[(text[at - 1] & 0xFF) << 8 | first(text, at, end)];
  }
}
