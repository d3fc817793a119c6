package dev.quintet.tokenizers.compare;

/// Where a tokenizer first fails to give a text back.
///
/// @param source where the text is from
/// @param character how many characters (code points) of it come back right
/// @param expected what follows in the text, a few characters of it
/// @param got what follows in the decoded text
public record Loss(String source, int character, String expected, String got) {

  private static final int SHOWN = 20;

  static Loss of(String source, String text, String decoded, int at) {
    return new Loss(source, text.codePointCount(0, at), shown(text, at), shown(decoded, at));
  }

  private static String shown(String text, int at) {
    int end = Math.min(text.length(), at + SHOWN);
    // Not half of a character.
    return text.substring(
        at, end > at && Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end);
  }

  /// Where two texts differ first, at the beginning of a character; -1 if nowhere.
  static int first(String text, String decoded) {
    int limit = Math.min(text.length(), decoded.length());
    int at = 0;
    while (at < limit && text.charAt(at) == decoded.charAt(at)) {
      at++;
    }
    if (at == text.length() && at == decoded.length()) {
      return -1;
    }
    return at > 0 && Character.isHighSurrogate(text.charAt(at - 1)) ? at - 1 : at;
  }
}
