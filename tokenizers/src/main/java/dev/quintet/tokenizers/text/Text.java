package dev.quintet.tokenizers.text;

/// Makes any `CharSequence` proper text.
public final class Text {

  private Text() {}

  /// The text with each lone surrogate replaced by U+FFFD, so that indices stay what they are.
  ///
  /// @param text the text
  /// @return the text itself where nothing was to replace
  public static String wellFormed(CharSequence text) {
    String string = text.toString();
    for (int i = 0; i < string.length(); i++) {
      if (Character.isSurrogate(string.charAt(i))) {
        if (!pairAt(string, i)) {
          return replaced(string, i);
        }
        i++;
      }
    }
    return string;
  }

  /// Whether a character is white space: Unicode's White_Space, 25 code points, as in Rust and in
  /// regular expressions; the JDK's own notions differ.
  ///
  /// @param c the character
  /// @return whether it is
  public static boolean isSpace(int c) {
    return c >= 9 && c <= 13
        || c == ' '
        || c == 0x85
        || c == 0xA0
        || c == 0x1680
        || c >= 0x2000 && c <= 0x200A
        || c == 0x2028
        || c == 0x2029
        || c == 0x202F
        || c == 0x205F
        || c == 0x3000;
  }

  private static boolean pairAt(String text, int i) {
    return Character.isHighSurrogate(text.charAt(i))
        && i + 1 < text.length()
        && Character.isLowSurrogate(text.charAt(i + 1));
  }

  private static String replaced(String text, int from) {
    char[] chars = text.toCharArray();
    for (int i = from; i < chars.length; i++) {
      if (Character.isSurrogate(chars[i])) {
        if (pairAt(text, i)) {
          i++;
        } else {
          chars[i] = '�';
        }
      }
    }
    return new String(chars);
  }
}
