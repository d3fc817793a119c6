package dev.quintet.tokenizers.normalize;

import dev.quintet.tokenizers.huggingface.NormalizerStep;
import dev.quintet.tokenizers.text.ByteLetters;
import dev.quintet.tokenizers.text.ReferenceUnicode;
import dev.quintet.tokenizers.text.Text;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The normalizer that a `tokenizer.json` describes, step by step, with where each character came
/// from. Immutable; any number of threads may use it.
public final class TextNormalizer {

  private final List<Step> steps;

  /// Changes a text, unless a look at it shows that it stays what it is; where a look does not show
  /// it, it may still stay.
  private record Step(Predicate<String> leaves, Change change) {}

  private interface Change {
    void apply(AlignedText old, Rewriting out);
  }

  /// Makes the steps.
  ///
  /// @param specs their descriptions
  /// @throws IllegalArgumentException when compiled rules are malformed
  public TextNormalizer(List<NormalizerStep> specs) {
    List<Step> all = new ArrayList<>();
    specs.forEach(spec -> add(spec, all));
    this.steps = List.copyOf(all);
  }

  private static void add(NormalizerStep spec, List<Step> out) {
    switch (spec) {
      case NormalizerStep.Form(var form) -> out.add(form(form));
      case NormalizerStep.Precompiled(var charsmap) -> {
        GraphemeRules rules = new GraphemeRules(charsmap);
        out.add(new Step(rules::leaves, rules::apply));
      }
      case NormalizerStep.Strip(var left, var right) ->
          out.add(
              new Step(
                  text -> !(left && spaceAt(text, 0) || right && spaceAt(text, text.length() - 1)),
                  (old, to) -> strip(old, left, right, to)));
      case NormalizerStep.Replace(var pattern, var regex, var content) ->
          out.add(replace(pattern, regex, content));
      case NormalizerStep.Prepend(var content) ->
          out.add(
              new Step(
                  text -> text.isEmpty() || content.isEmpty(),
                  (old, to) -> prepend(content, old, to)));
      case NormalizerStep.Lowercase() -> out.add(lowercase());
      case NormalizerStep.StripAccents() -> out.add(filter(c -> !ReferenceUnicode.isAccent(c)));
      case NormalizerStep.Nmt() -> {
        out.add(filter(c -> !isDroppedByNmt(c)));
        out.add(map(c -> isSpaceByNmt(c) ? " " : Character.toString(c)));
      }
      case NormalizerStep.ByteLetters() ->
          out.add(map(c -> letters(Character.toString(c).getBytes(StandardCharsets.UTF_8))));
      case NormalizerStep.Bert(var clean, var chinese, var accents, var lower) -> {
        if (clean) {
          out.add(filter(c -> !ReferenceUnicode.isBertControl(c)));
          out.add(map(c -> Text.isSpace(c) ? " " : Character.toString(c)));
        }
        if (chinese) {
          out.add(
              new Step(
                  text -> text.codePoints().noneMatch(TextNormalizer::isChinese),
                  TextNormalizer::spaceChinese));
        }
        if (accents) {
          out.add(form(Normalizer.Form.NFD));
          out.add(filter(c -> !ReferenceUnicode.isBertAccent(c)));
        }
        if (lower) {
          out.add(lowercase());
        }
      }
    }
  }

  /// The normal form of a text.
  ///
  /// @param text the text
  /// @return its normal form
  public String normalize(String text) {
    return align(text, 0, text.length()).string();
  }

  /// Brings a stretch of text into the normal form.
  ///
  /// @param whole the text
  /// @param start where the stretch begins
  /// @param end where it ends
  /// @return the stretch, with where each of its characters came from
  public AlignedText align(String whole, int start, int end) {
    AlignedText current = AlignedText.of(whole, start, end);
    if (steps.isEmpty()) {
      return current;
    }
    String text = start == 0 && end == whole.length() ? whole : whole.substring(start, end);
    for (Step step : steps) {
      if (!step.leaves.test(text)) {
        Rewriting out = new Rewriting(current);
        if (!current.isEmpty()) {
          step.change.apply(current, out);
        }
        current = out.result();
        text = current.text();
      }
    }
    return current;
  }

  private static Step form(Normalizer.Form form) {
    NormalForm rules = new NormalForm(form);
    return new Step(rules::leaves, rules::apply);
  }

  private static boolean spaceAt(String text, int i) {
    return !text.isEmpty() && Text.isSpace(text.charAt(i));
  }

  private static void strip(AlignedText old, boolean left, boolean right, Rewriting out) {
    int start = old.start();
    int end = old.end();
    while (left && start < end && Text.isSpace(old.text().charAt(start))) {
      start++;
    }
    while (right && end > start && Text.isSpace(old.text().charAt(end - 1))) {
      end--;
    }
    out.skipTo(start);
    out.copy(start, end);
  }

  private static Step replace(String pattern, boolean regex, String content) {
    Pattern compiled =
        Pattern.compile(pattern, regex ? Pattern.UNICODE_CHARACTER_CLASS : Pattern.LITERAL);
    // T5's own pattern; a search for a string is much faster than one for a regular expression.
    boolean spaces = regex && pattern.equals(" {2,}");
    return new Step(
        spaces ? text -> !text.contains("  ") : text -> !compiled.matcher(text).find(),
        (old, out) -> replace(old, compiled, content, out));
  }

  private static void replace(AlignedText old, Pattern pattern, String content, Rewriting out) {
    Matcher matcher = pattern.matcher(old.text()).region(old.start(), old.end());
    int done = old.start();
    boolean any = false;
    while (matcher.find()) {
      if (matcher.start() == matcher.end()
          && (any && matcher.start() == done
              || matcher.start() < old.end()
                  && matcher.start() > old.start()
                  && Character.isLowSurrogate(old.text().charAt(matcher.start())))) {
        // The JDK takes empty matches right after a match and inside a surrogate pair; the
        // reference does not.
        continue;
      }
      any = true;
      out.copy(done, matcher.start());
      done = matcher.end();
      out.skipTo(done);
      content.codePoints().forEach(out::add);
    }
    out.skipTo(done);
    out.copy(done, old.end());
  }

  /// All that is put before the first character comes from where it does.
  private static void prepend(String content, AlignedText old, Rewriting out) {
    int first = old.text().codePointAt(old.start());
    int[] characters = content.codePoints().toArray();
    for (int i = 0; i < characters.length; i++) {
      out.put(characters[i], i == 0 ? 0 : 1);
    }
    out.add(first);
    int second = old.start() + Character.charCount(first);
    out.skipTo(second);
    out.copy(second, old.end());
  }

  private static Step lowercase() {
    return new Step(
        text ->
            text.codePoints()
                .allMatch(c -> c < 0x80 ? c < 'A' || c > 'Z' : ReferenceUnicode.lower(c) == c),
        (old, out) -> map(old, TextNormalizer::lower, out));
  }

  /// Unicode's full lower case, whatever stands beside the character.
  private static String lower(int c) {
    return c == 0x130 ? "i\u0307" : Character.toString(ReferenceUnicode.lower(c));
  }

  private interface Mapping {
    String of(int c);
  }

  private static Step map(Mapping mapping) {
    return new Step(
        text -> text.codePoints().allMatch(c -> mapping.of(c).equals(Character.toString(c))),
        (old, out) -> map(old, mapping, out));
  }

  private static void map(AlignedText old, Mapping mapping, Rewriting out) {
    int c;
    for (int i = old.start(); i < old.end(); i += Character.charCount(c)) {
      c = old.text().codePointAt(i);
      int[] parts = mapping.of(c).codePoints().toArray();
      for (int k = 0; k < parts.length; k++) {
        out.put(parts[k], k == 0 ? 0 : 1);
      }
    }
  }

  private static Step filter(IntPredicate kept) {
    return new Step(
        text -> text.codePoints().allMatch(kept),
        (old, out) -> {
          int c;
          for (int i = old.start(); i < old.end(); i += Character.charCount(c)) {
            c = old.text().codePointAt(i);
            if (kept.test(c)) {
              out.skipTo(i);
              out.replace(c);
            }
          }
        });
  }

  private static String letters(byte[] utf8) {
    StringBuilder letters = new StringBuilder(utf8.length);
    for (byte b : utf8) {
      letters.append(ByteLetters.letter(b & 0xFF));
    }
    return letters.toString();
  }

  private static void spaceChinese(AlignedText old, Rewriting out) {
    int c;
    for (int i = old.start(); i < old.end(); i += Character.charCount(c)) {
      c = old.text().codePointAt(i);
      if (isChinese(c)) {
        out.replace(' ');
        out.add(c);
        out.add(' ');
      } else {
        out.replace(c);
      }
    }
  }

  private static boolean isChinese(int c) {
    return c >= 0x4E00 && c <= 0x9FFF
        || c >= 0x3400 && c <= 0x4DBF
        || c >= 0x20000 && c <= 0x2A6DF
        || c >= 0x2A700 && c <= 0x2B73F
        || c >= 0x2B740 && c <= 0x2B81F
        || c >= 0x2B920 && c <= 0x2CEAF
        || c >= 0xF900 && c <= 0xFAFF
        || c >= 0x2F800 && c <= 0x2FA1F;
  }

  private static boolean isDroppedByNmt(int c) {
    return c >= 1 && c <= 8
        || c == 0xB
        || c >= 0xE && c <= 0x1F
        || c == 0x7F
        || c == 0x8F
        || c == 0x9F;
  }

  private static boolean isSpaceByNmt(int c) {
    return c == 9
        || c == 0xA
        || c == 0xC
        || c == 0xD
        || c == 0x1680
        || c >= 0x200B && c <= 0x200F
        || c == 0x2028
        || c == 0x2029
        || c == 0x2581
        || c == 0xFEFF
        || c == 0xFFFD;
  }
}
