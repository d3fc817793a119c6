package dev.quintet.tokenizers.normalize;

import dev.quintet.tokenizers.format.NormalizerStep;
import dev.quintet.tokenizers.token.Text;
import dev.quintet.tokenizers.token.TokenBuffer;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The normalizer that a `tokenizer.json` describes, step by step, with where each character came
/// from.
///
/// A stretch of characters that a step changes has the place of the whole stretch, for each of its
/// new characters; the reference is finer inside such a stretch where one letter gives several.
public final class TextNormalizer {

  private final List<Step> steps;

  /// Changes a text and says for each new character which stretch of the old text it comes from.
  private interface Step {
    void apply(String text, Rewriting out);

    /// Whether a look shows that the text stays what it is; if not, it may still.
    default boolean leaves(String text) {
      return false;
    }
  }

  /// A step with a look before it.
  private record Guarded(Step step, Predicate<String> unchanged) implements Step {
    @Override
    public void apply(String text, Rewriting out) {
      step.apply(text, out);
    }

    @Override
    public boolean leaves(String text) {
      return unchanged.test(text);
    }
  }

  /// Makes the steps.
  ///
  /// @param specs their descriptions
  /// @throws IllegalArgumentException when compiled rules are malformed
  public TextNormalizer(List<NormalizerStep> specs) {
    this.steps = specs.stream().map(TextNormalizer::step).toList();
  }

  private static Step step(NormalizerStep spec) {
    return switch (spec) {
      case NormalizerStep.Form(var form) ->
          new Guarded((text, out) -> form(text, form, out), text -> isNormal(text, form));
      case NormalizerStep.Precompiled(var charsmap) -> {
        GraphemeRules rules = new GraphemeRules(charsmap);
        yield new Guarded(rules::apply, rules::leaves);
      }
      case NormalizerStep.Strip(var left, var right) ->
          new Guarded(
              (text, out) -> strip(text, left, right, out),
              text -> !(left && spaceAt(text, 0) || right && spaceAt(text, text.length() - 1)));
      case NormalizerStep.Replace(var pattern, var regex, var content) -> {
        Pattern compiled =
            Pattern.compile(pattern, regex ? Pattern.UNICODE_CHARACTER_CLASS : Pattern.LITERAL);
        // T5's own pattern; a search for a string is much faster than one for a regular expression.
        boolean spaces = regex && pattern.equals(" {2,}");
        yield new Guarded(
            (text, out) -> replace(text, compiled, content, out),
            spaces ? text -> !text.contains("  ") : text -> !compiled.matcher(text).find());
      }
    };
  }

  private static boolean spaceAt(String text, int i) {
    return !text.isEmpty() && Text.isSpace(text.charAt(i));
  }

  private static boolean isNormal(String text, Normalizer.Form form) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return Normalizer.isNormalized(text, form);
      }
    }
    return true;
  }

  /// A new text with, for each of its units, the stretch of the old one that it comes from.
  static final class Rewriting {
    private final StringBuilder text = new StringBuilder();
    private int[] starts = new int[64];
    private int[] ends = new int[64];

    void add(String part, int start, int end) {
      int from = text.length();
      text.append(part);
      ensure();
      Arrays.fill(starts, from, text.length(), start);
      Arrays.fill(ends, from, text.length(), end);
    }

    private void ensure() {
      if (text.length() > starts.length) {
        int capacity = Math.max(text.length(), 2 * starts.length);
        starts = Arrays.copyOf(starts, capacity);
        ends = Arrays.copyOf(ends, capacity);
      }
    }

    /// Copies characters as they are.
    void copy(String old, int start, int end) {
      int at = text.length();
      text.append(old, start, end);
      ensure();
      for (int i = start; i < end; ) {
        int next = i + (Character.isHighSurrogate(old.charAt(i)) ? 2 : 1);
        for (int k = i; k < next; k++) {
          starts[at] = i;
          ends[at++] = next;
        }
        i = next;
      }
    }
  }

  /// A stretch of text in its normal form.
  ///
  /// @param text the text that holds it
  /// @param start where it begins in `text`
  /// @param end where it ends in `text`
  /// @param origins for each unit of `text` where it began in the original, then for each where it
  ///     ended; empty when nothing was moved
  @SuppressWarnings("ArrayRecordComponent")
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
  }

  /// The normal form of a text.
  ///
  /// @param text the text
  /// @return its normal form
  public String normalize(String text) {
    Aligned all = align(text, 0, text.length());
    return all.text.substring(all.start, all.end);
  }

  /// Brings a stretch of text into the normal form.
  ///
  /// @param whole the text
  /// @param start where the stretch begins
  /// @param end where it ends
  /// @return the stretch, with where each of its units came from
  public Aligned align(String whole, int start, int end) {
    if (steps.isEmpty()) {
      return new Aligned(whole, start, end, new int[0]);
    }
    String stretch = start == 0 && end == whole.length() ? whole : whole.substring(start, end);
    String text = stretch;
    int[] origins = new int[0];
    for (Step step : steps) {
      if (step.leaves(text)) {
        continue;
      }
      Rewriting out = new Rewriting();
      step.apply(text, out);
      String next = out.text.toString();
      if (!next.equals(text)) {
        origins = compose(out, next.length(), origins, start);
        text = next;
      }
    }
    return origins.length == 0 && text.equals(stretch)
        ? new Aligned(whole, start, end, new int[0])
        : new Aligned(text, 0, text.length(), origins);
  }

  private static int[] compose(Rewriting out, int length, int[] before, int offset) {
    int[] origins = new int[2 * length];
    int half = before.length / 2;
    for (int i = 0; i < length; i++) {
      int from = out.starts[i];
      int last = Math.max(out.ends[i] - 1, from);
      origins[i] = half == 0 ? offset + from : before[from];
      origins[length + i] = half == 0 ? offset + out.ends[i] : before[half + last];
    }
    return origins;
  }

  private static void strip(String text, boolean left, boolean right, Rewriting out) {
    int start = 0;
    int end = text.length();
    while (left && start < end && Text.isSpace(text.charAt(start))) {
      start++;
    }
    while (right && end > start && Text.isSpace(text.charAt(end - 1))) {
      end--;
    }
    out.copy(text, start, end);
  }

  private static void replace(String text, Pattern pattern, String content, Rewriting out) {
    Matcher matcher = pattern.matcher(text);
    int done = 0;
    while (matcher.find()) {
      out.copy(text, done, matcher.start());
      // As in the reference it is placed at the last of the characters that it replaces.
      int last =
          matcher.end() == matcher.start()
              ? matcher.end()
              : text.offsetByCodePoints(matcher.end(), -1);
      out.add(content, last, matcher.end());
      done = matcher.end();
    }
    out.copy(text, done, text.length());
  }

  private static void form(String text, Normalizer.Form form, Rewriting out) {
    String normal = Normalizer.normalize(text, form);
    if (normal.equals(text)) {
      out.copy(text, 0, text.length());
      return;
    }
    List<int[]> segments = new ArrayList<>();
    StringBuilder joined = new StringBuilder(normal.length());
    for (int from = 0; from < text.length(); ) {
      int to = segmentEnd(text, from);
      joined.append(Normalizer.normalize(text.substring(from, to), form));
      segments.add(new int[] {from, to, joined.length()});
      from = to;
    }
    if (!joined.toString().equals(normal)) {
      // Segments that act on one another: everything is placed at the whole stretch.
      out.add(normal, 0, text.length());
      return;
    }
    int at = 0;
    for (int[] segment : segments) {
      out.add(normal.substring(at, segment[2]), segment[0], segment[1]);
      at = segment[2];
    }
  }

  /// Normal forms do not reach across a character that is no mark and not part of a Hangul syllable;
  /// jamo join the segment before them.
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
