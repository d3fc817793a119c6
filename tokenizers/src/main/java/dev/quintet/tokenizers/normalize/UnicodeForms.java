package dev.quintet.tokenizers.normalize;

import dev.quintet.tokenizers.token.TokenBuffer;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;

/// Unicode normal forms one after the other, by the JDK (Unicode 16 in JDK 25).
///
/// A stretch of characters that is changed has the place of the whole stretch, for each of its new
/// characters; the reference is finer inside such a stretch where one letter gives several.
public final class UnicodeForms {

  private final List<Normalizer.Form> forms;

  /// Makes the steps.
  ///
  /// @param forms the forms in their order
  public UnicodeForms(List<Normalizer.Form> forms) {
    this.forms = List.copyOf(forms);
  }

  /// A stretch of text in its normal form.
  ///
  /// @param text the text that holds it
  /// @param start where it begins in `text`
  /// @param end where it ends in `text`
  /// @param origins for each unit of `text` where it began in the original, then for each where it
  ///     ended; empty when nothing was moved
  public record Aligned(String text, int start, int end, int[] origins) {

    /// Turns the places of tokens in the normal form into places in the original.
    ///
    /// @param tokens the tokens
    /// @param first the first one to move
    public void restore(TokenBuffer tokens, int first) {
      if (origins.length == 0) {
        return;
      }
      int half = origins.length / 2;
      for (int i = first; i < tokens.size(); i++) {
        int last = Math.max(tokens.end(i) - 1, tokens.start(i));
        tokens.move(i, origins[tokens.start(i)], origins[half + last]);
      }
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Aligned that
          && text.equals(that.text)
          && start == that.start
          && end == that.end
          && Arrays.equals(origins, that.origins);
    }

    @Override
    public int hashCode() {
      return 31 * text.hashCode() + Arrays.hashCode(origins);
    }

    @Override
    public String toString() {
      return text.substring(start, end);
    }
  }

  /// The normal form of a text.
  ///
  /// @param text the text
  /// @return its normal form
  public String normalize(String text) {
    String current = text;
    for (Normalizer.Form form : forms) {
      current = Normalizer.normalize(current, form);
    }
    return current;
  }

  /// Brings a stretch of text into the normal form.
  ///
  /// @param whole the text
  /// @param start where the stretch begins
  /// @param end where it ends
  /// @return the stretch, with where each of its units came from
  public Aligned align(String whole, int start, int end) {
    if (forms.isEmpty()) {
      return new Aligned(whole, start, end, new int[0]);
    }
    String stretch = whole.substring(start, end);
    String normal = normalize(stretch);
    if (normal.equals(stretch)) {
      return new Aligned(whole, start, end, new int[0]);
    }
    return alignChanged(stretch, normal, start);
  }

  private Aligned alignChanged(String stretch, String normal, int offset) {
    StringBuilder text = new StringBuilder(normal.length());
    int[] origins = new int[2 * normal.length()];
    int half = normal.length();
    int from = 0;
    while (from < stretch.length()) {
      int to = segmentEnd(stretch, from);
      String segment = normalize(stretch.substring(from, to));
      int at = text.length();
      text.append(segment);
      if (text.length() > half) {
        break;
      }
      Arrays.fill(origins, at, text.length(), offset + from);
      Arrays.fill(origins, half + at, half + text.length(), offset + to);
      from = to;
    }
    if (!text.toString().equals(normal)) {
      // Segments that act on one another; place everything at the whole stretch.
      Arrays.fill(origins, 0, half, offset);
      Arrays.fill(origins, half, 2 * half, offset + stretch.length());
    }
    return new Aligned(normal, 0, normal.length(), origins);
  }

  /// Normalization does not reach across a character that is no mark and not part of a Hangul
  /// syllable; jamo join the segment before them.
  private static int segmentEnd(String text, int from) {
    int i = from + Character.charCount(text.codePointAt(from));
    while (i < text.length()) {
      int c = text.codePointAt(i);
      boolean joins =
          switch ((byte) Character.getType(c)) {
            case Character.NON_SPACING_MARK,
                Character.COMBINING_SPACING_MARK,
                Character.ENCLOSING_MARK ->
                true;
            default -> c >= 0x1160 && c <= 0x11FF || c == 0xFF9E || c == 0xFF9F;
          };
      if (!joins) {
        break;
      }
      i += Character.charCount(c);
    }
    return i;
  }
}
