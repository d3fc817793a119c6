package dev.quintet.tokenizers.sentencepiece.train;

/// Steps through UTF-8 that is known to be well formed, as normalized text is.
public final class WellFormed {

  private WellFormed() {}

  /// How many bytes a character has.
  ///
  /// @param lead its first byte
  /// @return 1 to 4
  public static int length(byte lead) {
    return lead >= 0 ? 1 : lead < (byte) 0xE0 ? 2 : lead < (byte) 0xF0 ? 3 : 4;
  }

  /// The character at a place.
  ///
  /// @param text the text
  /// @param at where it begins
  /// @return the code point
  public static int codePoint(byte[] text, int at) {
    byte lead = text[at];
    if (lead >= 0) {
      return lead;
    }
    if (lead < (byte) 0xE0) {
      return (lead & 0x1F) << 6 | text[at + 1] & 0x3F;
    }
    if (lead < (byte) 0xF0) {
      return (lead & 0x0F) << 12 | (text[at + 1] & 0x3F) << 6 | text[at + 2] & 0x3F;
    }
    return (lead & 0x07) << 18
        | (text[at + 1] & 0x3F) << 12
        | (text[at + 2] & 0x3F) << 6
        | text[at + 3] & 0x3F;
  }

  /// How many characters a stretch has.
  ///
  /// @param text the text
  /// @param from where it begins
  /// @param to where it ends
  /// @return the number
  public static int count(byte[] text, int from, int to) {
    int count = 0;
    for (int i = from; i < to; i++) {
      count += (text[i] & 0xC0) == 0x80 ? 0 : 1;
    }
    return count;
  }

  /// The code points of a stretch.
  ///
  /// @param text the text
  /// @param from where it begins
  /// @param to where it ends
  /// @return the code points
  public static int[] codePoints(byte[] text, int from, int to) {
    int[] points = new int[count(text, from, to)];
    int size = 0;
    for (int i = from; i < to; i += length(text[i])) {
      points[size++] = codePoint(text, i);
    }
    return points;
  }
}
