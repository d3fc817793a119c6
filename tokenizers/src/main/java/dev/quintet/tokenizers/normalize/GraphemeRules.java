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

  GraphemeRules(byte[] charsmap) {
    this.rules = new Charsmap(charsmap);
  }

  void apply(String text, TextNormalizer.Rewriting out) {
    Matcher grapheme = GRAPHEME.matcher(text);
    for (int at = 0; at < text.length(); ) {
      int end = at + 1;
      boolean alone =
          text.charAt(at) < 0x80
              && text.charAt(at) != '\r'
              && (end == text.length() || text.charAt(end) < 0x80);
      if (!alone && grapheme.region(at, text.length()).lookingAt()) {
        end = grapheme.end();
      }
      grapheme(text, at, end, out);
      at = end;
    }
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
