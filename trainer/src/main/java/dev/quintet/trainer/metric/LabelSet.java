package dev.quintet.trainer.metric;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Labels with numbers, and which of them are averaged over.
final class LabelSet {
  private final List<String> labels;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final int[] averaged;

  private LabelSet(List<String> labels, List<String> averaged) {
    this.labels = labels;
    for (String label : labels) {
      numbers.put(label, numbers.size());
    }
    this.averaged = averaged.stream().mapToInt(this::number).toArray();
  }

  /// @param asked those to average over, known or not; all of the known where it is empty
  static LabelSet of(List<String> known, List<String> asked) {
    var all = new LinkedHashSet<>(known);
    all.addAll(asked);
    return new LabelSet(
        new ArrayList<>(all), asked.isEmpty() ? known : List.copyOf(new LinkedHashSet<>(asked)));
  }

  int size() {
    return labels.size();
  }

  /// The label's number, or -1.
  int number(String label) {
    return numbers.getOrDefault(label, -1);
  }

  int[] numbers() {
    return averaged;
  }

  List<String> averaged() {
    return IntStream.of(averaged).mapToObj(labels::get).toList();
  }

  /// Adds a row to sums of hits, guesses and rows of each label.
  void count(int truth, int guess, double times, double[] sums) {
    if (truth == guess) {
      sums[truth] += times;
    }
    sums[size() + guess] += times;
    sums[2 * size() + truth] += times;
  }
}
