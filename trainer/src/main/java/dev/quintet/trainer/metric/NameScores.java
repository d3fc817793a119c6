package dev.quintet.trainer.metric;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Counts of how well guessed names match the true ones, word by word.
///
/// A name is its words joined by spaces. Words are compared as multisets and counted over all
/// examples (micro-averaged): a guess may have them in another order, but a word guessed twice needs
/// to occur twice. Also right for tags, whose order means nothing. Source of the measure: Allamanis
/// et al., "A Convolutional Attention Network for Extreme Summarization of Source Code" (2016).
///
/// @param examples guesses counted
/// @param exact guesses equal to the true name, order included
/// @param matched words common to guess and name
/// @param guessed words of all guesses
/// @param actual words of all true names
public record NameScores(long examples, long exact, long matched, long guessed, long actual) {

  /// No examples yet.
  public static final NameScores NONE = new NameScores(0, 0, 0, 0, 0);

  /// Refuses counts that no examples could have.
  public NameScores {
    if (exact < 0 || matched < 0 || exact > examples || matched > Math.min(guessed, actual)) {
      throw new IllegalArgumentException(
          "NameScores: expected 0 <= exact <= examples and 0 <= matched <= guessed, actual; got %d of %d, %d of %d, %d"
              .formatted(exact, examples, matched, guessed, actual));
    }
  }

  /// The scores of guesses beside the names at the same places.
  ///
  /// @throws IllegalArgumentException when the lists differ in length
  public static NameScores of(List<String> names, List<String> guesses) {
    if (names.size() != guesses.size()) {
      throw new IllegalArgumentException(
          "NameScores.of: expected as many guesses as names, got %d and %d"
              .formatted(guesses.size(), names.size()));
    }
    var scores = NONE;
    for (int i = 0; i < names.size(); i++) {
      scores = scores.plus(names.get(i), guesses.get(i));
    }
    return scores;
  }

  /// These counts and one example more.
  public NameScores plus(String name, String guess) {
    var nameWords = words(name);
    var guessWords = words(guess);
    Map<String, Integer> left = new HashMap<>();
    nameWords.forEach(word -> left.merge(word, 1, Integer::sum));
    int common = 0;
    for (String word : guessWords) {
      if (left.merge(word, -1, Integer::sum) >= 0) {
        common++;
      }
    }
    return new NameScores(
        examples + 1,
        exact + (nameWords.equals(guessWords) ? 1 : 0),
        matched + common,
        guessed + guessWords.size(),
        actual + nameWords.size());
  }

  /// Both counts together.
  public NameScores plus(NameScores other) {
    return new NameScores(
        examples + other.examples,
        exact + other.exact,
        matched + other.matched,
        guessed + other.guessed,
        actual + other.actual);
  }

  /// Share of names guessed exactly, 0 to 1; 0 without examples.
  public double exactMatch() {
    return ratio(exact, examples);
  }

  /// Share of the guessed words that are right, 0 to 1; 0 when nothing was guessed.
  public double precision() {
    return ratio(matched, guessed);
  }

  /// Share of the true words that were guessed, 0 to 1; 0 without examples.
  public double recall() {
    return ratio(matched, actual);
  }

  /// Harmonic mean of precision and recall, 0 to 1.
  public double f1() {
    return ratio(2 * matched, guessed + actual);
  }

  /// One standard error of [#exactMatch], by the binomial distribution; 0 without examples.
  public double exactMatchError() {
    double p = exactMatch();
    return examples == 0 ? 0 : Math.sqrt(p * (1 - p) / examples);
  }

  /// The words of a name; none for a blank one.
  public static List<String> words(String name) {
    String stripped = name.strip();
    return stripped.isEmpty() ? List.of() : List.of(stripped.split("\\s+"));
  }

  private static double ratio(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }
}
