package dev.quintet.tokenizers.pretokenize;

import dev.quintet.tokenizers.text.Text;
import dev.quintet.tokenizers.text.Utf8;

/// The classes that the well-known patterns tell apart, as bits, by table in the BMP.
///
/// They are those of the JDK's regular expressions with `UNICODE_CHARACTER_CLASS` (Unicode 16 in
/// JDK 25), which agree with tiktoken's and with Hugging Face's on every code point.
final class CharClass {

  /// `\p{L}`.
  static final int LETTER = 1;

  /// `\p{N}`.
  static final int NUMBER = 2;

  /// `\s`: the 25 code points of White_Space.
  static final int SPACE = 4;

  /// Carriage return and line feed.
  static final int NEWLINE = 8;

  /// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`.
  static final int UPPER = 16;

  /// `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`.
  static final int LOWER = 32;

  private static final byte[] BMP = new byte[0x10000];

  static {
    for (int c = 0; c < BMP.length; c++) {
      BMP[c] = (byte) compute(c);
    }
  }

  private CharClass() {}

  /// The class bits of the character that begins at a place in valid UTF-8.
  static int at(byte[] utf8, int at) {
    byte lead = utf8[at];
    return lead >= 0 ? BMP[lead] : of(Utf8.codePoint(utf8, at, Utf8.lengthByLead(lead)));
  }

  /// The class bits of a code point; none for punctuation, symbols and what is not assigned.
  static int of(int codePoint) {
    return codePoint < 0x10000 ? BMP[codePoint] : compute(codePoint);
  }

  private static int compute(int c) {
    if (Text.isSpace(c)) {
      return c == '\n' || c == '\r' ? SPACE | NEWLINE : SPACE;
    }
    return switch ((byte) Character.getType(c)) {
      case Character.UPPERCASE_LETTER, Character.TITLECASE_LETTER -> LETTER | UPPER;
      case Character.LOWERCASE_LETTER -> LETTER | LOWER;
      case Character.MODIFIER_LETTER, Character.OTHER_LETTER -> LETTER | UPPER | LOWER;
      case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.COMBINING_SPACING_MARK ->
          UPPER | LOWER;
      case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER ->
          NUMBER;
      default -> 0;
    };
  }
}
