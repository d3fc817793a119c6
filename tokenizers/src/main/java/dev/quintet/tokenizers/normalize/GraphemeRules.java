package dev.quintet.tokenizers.normalize;

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

  void apply(String text, TextNormalizer.Rewriting out) {
    Matcher grapheme = GRAPHEME.matcher(text);
    for (int at = 0; at < text.length(); ) {
      int plainEnd = at;
      while (plainEnd < text.length() && alone(text, plainEnd) && plain[text.charAt(plainEnd)]) {
        plainEnd++;
      }
      out.copy(text, at, plainEnd);
      at = plainEnd;
      if (at == text.length()) {
        break;
      }
      int end = at + 1;
      boolean alone = alone(text, at);
      if (!alone && grapheme.region(at, text.length()).lookingAt()) {
        end = grapheme.end();
      }
      grapheme(text, at, end, out);
      at = end;
    }
  }

  /// Whether an ASCII character is surely a grapheme of its own.
  private static boolean alone(String text, int at) {
    return text.charAt(at) < 0x80
        && text.charAt(at) != '\r'
        && (at + 1 == text.length() || text.charAt(at + 1) < 0x80);
  }

  private void grapheme(String text, int start, int end, TextNormalizer.Rewriting out) {
    byte[] utf8 = text.substring(start, end).getBytes(StandardCharsets.UTF_8);
    if (utf8.length < SHORT) {
      Optional<String> replacement = rules.shortest(utf8);
      if (replacement.isPresent()) {
        out.add(replacement.get(), start, end);
        return;
      }
    }
    for (int i = start; i < end; ) {
      int next = i + Character.charCount(text.codePointAt(i));
      String character = text.substring(i, next);
      out.add(
          rules.shortest(character.getBytes(StandardCharsets.UTF_8)).orElse(character), i, next);
      i = next;
    }
  }
}
