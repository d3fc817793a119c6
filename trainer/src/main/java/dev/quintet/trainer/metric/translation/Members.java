package dev.quintet.trainer.metric.translation;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Numbers for words: equal words have the same number.
final class Members {
  private final Map<String, Integer> numbers = new HashMap<>();

  /// The words' numbers.
  int[] of(List<String> words) {
    int[] members = new int[words.size()];
    for (int i = 0; i < members.length; i++) {
      String word = words.get(i);
      Integer known = numbers.putIfAbsent(word, numbers.size());
      members[i] = known == null ? numbers.size() - 1 : known;
    }
    return members;
  }
}
