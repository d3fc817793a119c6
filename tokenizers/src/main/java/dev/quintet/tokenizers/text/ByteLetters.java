package dev.quintet.tokenizers.text;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// The 256 letters that stand for bytes in byte-level vocabularies (GPT-2's `bytes_to_unicode`):
/// printable Latin-1 stands for itself, the rest is counted up from U+0100.
public final class ByteLetters {

  private static final char[] LETTERS = new char[256];

  /// Byte of each letter, -1 for other characters; all letters lie below U+0144.
  private static final short[] BYTES = new short[0x144];

  static {
    Arrays.fill(BYTES, (short) -1);
    char next = 0x100;
    for (int b = 0; b < 256; b++) {
      boolean printable = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
      LETTERS[b] = printable ? (char) b : next++;
      BYTES[LETTERS[b]] = (short) b;
    }
  }

  private ByteLetters() {}

  /// The letter of a byte.
  ///
  /// @param value the byte, 0 to 255
  /// @return the letter
  public static char letter(int value) {
    return LETTERS[value];
  }

  /// The byte of a letter.
  ///
  /// @param letter the letter
  /// @return the byte, 0 to 255, or -1 when it is not a byte's letter
  public static int value(char letter) {
    return letter < BYTES.length ? BYTES[letter] : -1;
  }

  /// All letters in the order of their code points, as vocabularies list them.
  ///
  /// @return the 256 letters
  public static List<String> sorted() {
    char[] letters = LETTERS.clone();
    Arrays.sort(letters);
    return IntStream.range(0, 256).mapToObj(i -> String.valueOf(letters[i])).toList();
  }
}
