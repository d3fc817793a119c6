package dev.quintet.tokenizers.sentencepiece.train;

import dev.quintet.tokenizers.text.Scripts;

/// Which strings of code points may become pieces (`IsValidSentencePiece` of the reference).
public final class PieceRules {

  /// The space symbol.
  public static final int SPACE = 0x2581;

  /// Stands for characters that are left out.
  public static final int UNKNOWN = 0x2585;

  /// Stands where a text was cut.
  static final int BOUNDARY = '\t';

  private static final byte ANY_SCRIPT = -2;

  private final Scripts scripts = Scripts.load();
  private final int maxLength;
  private final boolean splitByScript;
  private final boolean splitByNumber;
  private final boolean splitByWhitespace;
  private final boolean splitDigits;
  private final boolean whitespaceAsSuffix;
  private final boolean whitespaceOnly;

  /// Takes the rules from options.
  ///
  /// @param options the options
  public PieceRules(SentencePieceOptions options) {
    this.maxLength = options.number("max_sentencepiece_length");
    this.splitByScript = options.on("split_by_unicode_script");
    this.splitByNumber = options.on("split_by_number");
    this.splitByWhitespace = options.on("split_by_whitespace");
    this.splitDigits = options.on("split_digits");
    this.whitespaceAsSuffix = options.on("treat_whitespace_as_suffix");
    this.whitespaceOnly = options.on("allow_whitespace_only_pieces");
  }

  /// Whether a stretch of code points may be a piece.
  ///
  /// @param text the code points
  /// @param start where it begins
  /// @param end where it ends
  /// @return whether it may
  public boolean allow(int[] text, int start, int end) {
    int length = end - start;
    if (length < 1 || length > maxLength) {
      return false;
    }
    boolean spacesAllowed = whitespaceOnly && onlySpaces(text, start, end);
    byte previous = ANY_SCRIPT;
    for (int i = start; i < end; i++) {
      int c = text[i];
      if (c == UNKNOWN || c == 0 || c == BOUNDARY || c == ' ' || c >= 0xD800 && c < 0xE000) {
        return false;
      }
      if (c == SPACE) {
        if (!spacesAllowed && !spaceFits(i - start, length)) {
          return false;
        }
        continue;
      }
      boolean digit = c >= '0' && c <= '9' || c >= 0xFF10 && c <= 0xFF19;
      byte script = scripts.of(c);
      if (scripts.isInherited(script)) {
        script = previous;
      }
      if (!splitByNumber && digit) {
        script = ANY_SCRIPT;
      }
      if (splitByScript && script != ANY_SCRIPT && previous != ANY_SCRIPT && script != previous
          || splitDigits && digit && length > 1) {
        return false;
      }
      previous = script;
    }
    return true;
  }

  private static boolean onlySpaces(int[] text, int start, int end) {
    for (int i = start; i < end; i++) {
      if (text[i] != SPACE) {
        return false;
      }
    }
    return true;
  }

  /// Words carry their space before them, or after them; without words it may stand inside.
  private boolean spaceFits(int at, int length) {
    int fromEdge = whitespaceAsSuffix ? length - 1 - at : at;
    return fromEdge == 0 || !splitByWhitespace && fromEdge != length - 1;
  }
}
