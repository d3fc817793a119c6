package dev.quintet.tokenizers.normalize;

import dev.quintet.tokenizers.sentencepiece.normalize.Charsmap;
import dev.quintet.tokenizers.text.ReferenceUnicode;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// SentencePiece's compiled rules as Hugging Face's library applies them, which is not as
/// SentencePiece does: grapheme by grapheme, by the shortest rule that matches, whose replacement
/// takes the place of the whole grapheme if that has fewer than six bytes; else character by
/// character.
final class GraphemeRules {

  private static final Pattern GRAPHEME = Pattern.compile("\\X");
  private static final int SHORT = 6;

  private final Charsmap rules;

  /// For each ASCII character whether no rule is for it alone.
  private final boolean[] plain = new boolean[128];

  GraphemeRules(byte[] charsmap) {
    this.rules = new Charsmap(charsmap);
    for (int c = 0; c < 128; c++) {
      plain[c] = rules.shortest(new byte[] {(byte) c}).isEmpty();
    }
  }

  /// Whether the text is only of ASCII that no rule is for; a carriage return may be part of a pair.
  boolean leaves(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x80 || c == '\r' || !plain[c]) {
        return false;
      }
    }
    return true;
  }

  void apply(AlignedText old, Rewriting out) {
    String text = old.text();
    Matcher grapheme = GRAPHEME.matcher(text);
    for (int at = old.start(); at < old.end(); ) {
      int plainEnd = at;
      while (plainEnd < old.end()
          && alone(text, plainEnd, old.end())
          && plain[text.charAt(plainEnd)]) {
        plainEnd++;
      }
      if (at < plainEnd) {
        out.copy(at, plainEnd);
      }
      at = plainEnd;
      if (at == old.end()) {
        break;
      }
      int end = at + 1;
      if (!alone(text, at, old.end()) && grapheme.region(at, old.end()).lookingAt()) {
        end = graphemeEnd(text, at, grapheme.end(), old.end());
      }
      grapheme(text, at, end, out);
      at = end;
    }
  }

  /// Where a grapheme ends by the reference's tables, which are newer than the JDK's: more characters
  /// join what is before them, two vowels of Ahom do not, and U+11A3A does not join what follows.
  private static int graphemeEnd(String text, int start, int found, int end) {
    int c = text.codePointAt(start);
    for (int i = start + Character.charCount(c); i < found; i += Character.charCount(c)) {
      boolean cut = c == 0x11A3A;
      c = text.codePointAt(i);
      if (cut || c == 0x11720 || c == 0x11721) {
        return i;
      }
    }
    int i = found;
    while (i < end && ReferenceUnicode.extendsGrapheme(text.codePointAt(i))) {
      i += Character.charCount(text.codePointAt(i));
    }
    return i;
  }

  /// Whether an ASCII character is surely a grapheme of its own.
  private static boolean alone(String text, int at, int end) {
    return text.charAt(at) < 0x80
        && text.charAt(at) != '\r'
        && (at + 1 == end || text.charAt(at + 1) < 0x80);
  }

  private void grapheme(String text, int start, int end, Rewriting out) {
    String whole = text.substring(start, end);
    byte[] utf8 = whole.getBytes(StandardCharsets.UTF_8);
    if (utf8.length < SHORT) {
      Optional<String> replacement = rules.shortest(utf8);
      if (replacement.isPresent()) {
        replace(whole, replacement.get(), out);
        return;
      }
    }
    for (int i = start; i < end; ) {
      int next = i + Character.charCount(text.codePointAt(i));
      String character = text.substring(i, next);
      Optional<String> replacement = rules.shortest(character.getBytes(StandardCharsets.UTF_8));
      replace(character, replacement.orElse(character), out);
      i = next;
    }
  }

  /// Characters take one another's places in order; where there are fewer new ones, the last takes
  /// the places that are left, even if it belongs to what stands before.
  private static void replace(String old, String replacement, Rewriting out) {
    int places = old.codePointCount(0, old.length());
    int[] characters = replacement.codePoints().toArray();
    for (int i = 0; i < characters.length; i++) {
      if (i < places) {
        out.replace(characters[i]);
      } else {
        out.add(characters[i]);
      }
    }
    if (characters.length < places) {
      out.shrink(places - characters.length);
    }
  }
}
