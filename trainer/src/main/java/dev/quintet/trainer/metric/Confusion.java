package dev.quintet.trainer.metric;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// How often each label was taken for each other.
///
/// @param labels in the order of their code points
/// @param counts a row a true label, a column a guessed one
public record Confusion(List<String> labels, List<List<Integer>> counts) {

  /// A label that was taken for another.
  public record Mistake(String truth, String guess, int times) {}

  /// Copies the lists.
  public Confusion {
    labels = List.copyOf(labels);
    counts = counts.stream().map(List::copyOf).toList();
  }

  /// Of labels beside those that were guessed.
  ///
  /// @throws IllegalArgumentException if the lists differ in length
  public static Confusion of(List<String> truth, List<String> guesses) {
    if (truth.size() != guesses.size()) {
      throw new IllegalArgumentException(
          "Confusion.of: expected as many guesses as labels, got %d and %d"
              .formatted(guesses.size(), truth.size()));
    }
    var all = new TreeSet<>(PythonText.ORDER);
    all.addAll(truth);
    all.addAll(guesses);
    Map<String, Integer> numbers = new HashMap<>();
    all.forEach(label -> numbers.put(label, numbers.size()));
    int[][] counts = new int[all.size()][all.size()];
    for (int row = 0; row < truth.size(); row++) {
      counts[numbers.getOrDefault(truth.get(row), 0)][numbers.getOrDefault(guesses.get(row), 0)]++;
    }
    var rows = new ArrayList<List<Integer>>();
    for (int[] row : counts) {
      rows.add(java.util.Arrays.stream(row).boxed().toList());
    }
    return new Confusion(List.copyOf(all), rows);
  }

  /// The most frequent mistakes, the most frequent first.
  public List<Mistake> mistakes(int most) {
    var mistakes = new ArrayList<Mistake>();
    for (int truth = 0; truth < labels.size(); truth++) {
      for (int guess = 0; guess < labels.size(); guess++) {
        int times = counts.get(truth).get(guess);
        if (truth != guess && times > 0) {
          mistakes.add(new Mistake(labels.get(truth), labels.get(guess), times));
        }
      }
    }
    return mistakes.stream()
        .sorted(Comparator.comparingInt(Mistake::times).reversed())
        .limit(most)
        .toList();
  }
}
