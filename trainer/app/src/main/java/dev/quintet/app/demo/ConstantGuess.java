package dev.quintet.app.demo;

import dev.quintet.trainer.metric.NameScores;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// The best single answer for everything: what a model must beat to have learned anything.
///
/// @param words the words that are always guessed, commonest first
public record ConstantGuess(List<String> words) {

  /// Copies the list.
  public ConstantGuess {
    words = List.copyOf(words);
  }

  /// The set of words with the highest micro-averaged F1 on these targets (words joined by spaces).
  ///
  /// A set of k words scores highest when they are the k that occur in most targets, so trying each
  /// k is enough. Ties go to the smaller set, and among words to the alphabet.
  ///
  /// @throws IllegalArgumentException when there are no targets
  public static ConstantGuess learn(List<String> targets) {
    if (targets.isEmpty()) {
      throw new IllegalArgumentException("ConstantGuess.learn: expected at least one target");
    }
    Map<String, Integer> occurrences = new HashMap<>();
    long targetWords = 0;
    for (String target : targets) {
      var words = NameScores.words(target);
      targetWords += words.size();
      new TreeSet<>(words).forEach(word -> occurrences.merge(word, 1, Integer::sum));
    }
    var ranked =
        occurrences.entrySet().stream()
            .sorted(
                Comparator.<Map.Entry<String, Integer>>comparingInt(entry -> -entry.getValue())
                    .thenComparing(Map.Entry.comparingByKey()))
            .toList();
    long matched = 0;
    double best = -1;
    int bestSize = 0;
    for (int k = 1; k <= ranked.size(); k++) {
      matched += ranked.get(k - 1).getValue();
      double f1 = 2.0 * matched / (targetWords + (double) k * targets.size());
      if (f1 > best) {
        best = f1;
        bestSize = k;
      }
    }
    return new ConstantGuess(ranked.subList(0, bestSize).stream().map(Map.Entry::getKey).toList());
  }

  /// The guess in the form of a target.
  public String guess() {
    return String.join(" ", words);
  }

  /// The score of this guess on targets.
  public NameScores score(List<String> targets) {
    var scores = NameScores.NONE;
    for (String target : targets) {
      scores = scores.plus(target, guess());
    }
    return scores;
  }
}
