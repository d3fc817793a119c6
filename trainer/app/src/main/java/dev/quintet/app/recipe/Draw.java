package dev.quintet.app.recipe;

import dev.quintet.core.random.Permutation;
import dev.quintet.core.random.Philox;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Draws words for templates.
///
/// @param random where from
record Draw(Philox random) {

  /// One of these.
  String of(String... choices) {
    return choices[random.nextInt(choices.length)];
  }

  /// A number from 0 to below a bound.
  int below(int bound) {
    return random.nextInt(bound);
  }

  /// Some of these, all different, in any order.
  List<String> some(int count, String... choices) {
    List<String> all = shuffled(List.of(choices));
    return all.subList(0, count);
  }

  /// These in another order.
  List<String> shuffled(List<String> list) {
    var shuffled = new ArrayList<>(list);
    Permutation.shuffle(shuffled, random);
    return shuffled;
  }

  /// The words of a text, for lists that are long.
  static String[] words(String text) {
    return text.strip().split("\\s+");
  }

  /// A row of columns: names and values in turn.
  static SequencedMap<String, Object> row(Object... namesAndValues) {
    var row = new LinkedHashMap<String, Object>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      row.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return row;
  }
}
