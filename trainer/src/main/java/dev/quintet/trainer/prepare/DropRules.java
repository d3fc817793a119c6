package dev.quintet.trainer.prepare;

import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.rows.Row;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToIntFunction;

/// Which rows are dropped for what they hold.
///
/// @param emptySource those with nothing in a column of the source
/// @param emptyTarget those with nothing in a column of the target
/// @param sourceCharacters how many code points a source has
/// @param targetCharacters how many code points a target has
/// @param sourceTokens how many tokens a source has
/// @param targetTokens how many tokens a target has
/// @param targetInSource those whose source holds the target
/// @param leastLetters the share of letters among a source's characters other than spaces; 0 drops none
/// @param languageColumn the column that names the language; empty where none is asked
/// @param languages the languages that stay
public record DropRules(
    boolean emptySource,
    boolean emptyTarget,
    Bounds sourceCharacters,
    Bounds targetCharacters,
    Bounds sourceTokens,
    Bounds targetTokens,
    boolean targetInSource,
    double leastLetters,
    String languageColumn,
    Set<String> languages) {
  /// Drops nothing.
  public static final DropRules NONE =
      new DropRules(
          false, false, Bounds.ALL, Bounds.ALL, Bounds.ALL, Bounds.ALL, false, 0, "", Set.of());

  /// Copies the set.
  ///
  /// @throws IllegalArgumentException if the share of letters is none
  public DropRules {
    languages = Set.copyOf(languages);
    if (!(leastLetters >= 0 && leastLetters <= 1)) {
      throw new IllegalArgumentException(
          "the share of letters is from 0 to 1, got " + leastLetters);
    }
  }

  /// How many there may be.
  ///
  /// @param least with it
  /// @param most with it
  public record Bounds(int least, int most) {
    /// Any number.
    public static final Bounds ALL = new Bounds(0, Integer.MAX_VALUE);

    /// Checks the order.
    ///
    /// @throws IllegalArgumentException if nothing could be within
    public Bounds {
      if (least > most) {
        throw new IllegalArgumentException(
            "the least is at most the most: %,d, %,d".formatted(least, most));
      }
    }

    private Optional<String> wrong(int count, String what) {
      if (count >= least && count <= most) {
        return Optional.empty();
      }
      return Optional.of(
          count < least
              ? "%s of fewer than %,d".formatted(what, least)
              : "%s of more than %,d".formatted(what, most));
    }
  }

  /// Whether tokens have to be counted.
  public boolean countsTokens() {
    return !sourceTokens.equals(Bounds.ALL) || !targetTokens.equals(Bounds.ALL);
  }

  /// Why a row is dropped, by the first rule that it breaks; nothing if it stays.
  Optional<String> reason(Row row, SampleForm form, Sample sample, ToIntFunction<String> tokens) {
    String source = sample.source();
    String target = sample.answers().getFirst();
    if (emptySource && form.hasEmptySource(row)) {
      return Optional.of("empty source");
    }
    if (emptyTarget && form.hasEmptyTarget(row)) {
      return Optional.of("empty target");
    }
    return sourceCharacters
        .wrong(source.codePointCount(0, source.length()), "a source in characters")
        .or(() ->
            targetCharacters.wrong(
                target.codePointCount(0, target.length()), "a target in characters"))
        .or(() ->
            sourceTokens.equals(Bounds.ALL)
                ? Optional.empty()
                : sourceTokens.wrong(tokens.applyAsInt(source), "a source in tokens"))
        .or(() ->
            targetTokens.equals(Bounds.ALL)
                ? Optional.empty()
                : targetTokens.wrong(tokens.applyAsInt(target), "a target in tokens"))
        .or(() ->
            targetInSource && !target.isBlank() && source.contains(target)
                ? Optional.of("target in source")
                : Optional.empty())
        .or(() ->
            leastLetters > 0 && letters(source) < leastLetters
                ? Optional.of("letters below a share of " + leastLetters)
                : Optional.empty())
        .or(() ->
            !languageColumn.isEmpty() && !languages.contains(row.text(languageColumn))
                ? Optional.of("another language")
                : Optional.empty());
  }

  private static double letters(String text) {
    long all = text.codePoints().filter(c -> !Character.isWhitespace(c)).count();
    return all == 0 ? 0 : text.codePoints().filter(Character::isLetter).count() / (double) all;
  }
}
