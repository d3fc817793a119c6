package dev.quintet.tokenizers.dual;

import dev.quintet.tokenizers.Encoding;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.text.ByteLetters;
import dev.quintet.tokenizers.text.Text;
import java.nio.charset.StandardCharsets;

/// Where the tokens of a text stand in its UTF-8.
///
/// An [Encoding] gives a token that holds part of a character the place of the whole character. Here
/// such tokens get their own bytes, where these can be read off the token (`<0xE3>`, byte letters, a
/// byte's number as a character) and do stand there.
///
/// @param starts for each token the index of its first byte; not copied
/// @param ends for each token the index after its last byte; not copied
@SuppressWarnings("ArrayRecordComponent")
public record ByteSpans(int[] starts, int[] ends) {

  private static final int NOT_THERE = -1;

  /// Finds where tokens stand.
  ///
  /// @param text the text
  /// @param tokenizer made the tokens
  /// @param encoding the tokens
  /// @return their places
  public static ByteSpans of(CharSequence text, Tokenizer tokenizer, Encoding encoding) {
    String whole = Text.wellFormed(text);
    byte[] utf8 = whole.getBytes(StandardCharsets.UTF_8);
    int[] bytes = bytes(whole);
    int size = encoding.size();
    int[] starts = new int[size];
    int[] ends = new int[size];
    for (int i = 0; i < size; i++) {
      starts[i] = bytes[encoding.start(i)];
      ends[i] = bytes[encoding.end(i)];
    }
    int from = 0;
    while (from < size) {
      // Tokens that share characters, with those of no width among or before them.
      int to = from + 1;
      int reach = ends[from];
      while (to < size
          && starts[to] >= starts[from]
          && (starts[to] < reach && ends[to] > starts[to]
              || starts[to] == starts[from] && reach == starts[from])) {
        reach = Math.max(reach, ends[to++]);
      }
      if (to - from > 1) {
        spell(utf8, tokenizer, encoding, from, to, starts, ends);
      }
      from = to;
    }
    return new ByteSpans(starts, ends);
  }

  /// Gives the tokens of a stretch their bytes, if all of them can be read and make up the stretch.
  private static void spell(
      byte[] utf8,
      Tokenizer tokenizer,
      Encoding encoding,
      int from,
      int to,
      int[] starts,
      int[] ends) {
    int end = starts[from];
    for (int i = from; i < to; i++) {
      end = Math.max(end, ends[i]);
    }
    int[] found = new int[to - from + 1];
    found[0] = starts[from];
    for (int i = from; i < to; i++) {
      String token = tokenizer.token(encoding.id(i));
      // The space that SentencePiece puts before a text is not part of it.
      boolean added = token.equals("▁") && starts[i] == ends[i];
      int next = added ? found[i - from] : match(utf8, found[i - from], end, token);
      if (next == NOT_THERE) {
        return;
      }
      found[i - from + 1] = next;
    }
    if (found[to - from] != end) {
      return;
    }
    for (int i = from; i < to; i++) {
      starts[i] = found[i - from];
      ends[i] = found[i - from + 1];
    }
  }

  /// Where a token ends whose bytes begin at a place.
  private static int match(byte[] utf8, int at, int end, String token) {
    if (token.length() == 6 && token.startsWith("<0x") && token.endsWith(">")) {
      int value = Character.digit(token.charAt(3), 16) * 16 + Character.digit(token.charAt(4), 16);
      return at < end && (utf8[at] & 0xFF) == value ? at + 1 : NOT_THERE;
    }
    int next = at;
    for (int i = 0; i < token.length(); i++) {
      char letter = token.charAt(i);
      int value = ByteLetters.value(letter);
      if (value < 0 && letter < 256 && token.length() == 1) {
        value = letter;
      }
      if (next == end || value != (utf8[next++] & 0xFF)) {
        return NOT_THERE;
      }
    }
    return next;
  }

  /// For each UTF-16 unit, and the end, the byte that its character begins with.
  private static int[] bytes(String text) {
    int[] bytes = new int[text.length() + 1];
    int at = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      bytes[i] = at;
      int units = Character.charCount(c);
      if (units == 2) {
        bytes[i + 1] = at;
      }
      at += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
      i += units;
    }
    bytes[text.length()] = at;
    return bytes;
  }
}
