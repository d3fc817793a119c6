package dev.quintet.app.demo;

import dev.quintet.trainer.metric.NameScores;
import dev.quintet.trainer.metric.RatioEstimate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/// Scores of guesses by top-level class, the unit that the split draws: for totals and their 95 % intervals.
final class GroupedScores {
  private static final ToDoubleFunction<NameScores> EXACT = NameScores::exact;
  private static final ToDoubleFunction<NameScores> EXAMPLES = NameScores::examples;
  private static final ToDoubleFunction<NameScores> MATCHED = scores -> 2.0 * scores.matched();
  private static final ToDoubleFunction<NameScores> WORDS =
      scores -> (double) scores.guessed() + scores.actual();

  private final Map<String, NameScores> classes = new LinkedHashMap<>();

  /// The scores of guesses at the names of these methods.
  static GroupedScores of(List<MethodExample> methods, List<String> guesses) {
    var scores = new GroupedScores();
    for (int i = 0; i < methods.size(); i++) {
      MethodExample method = methods.get(i);
      scores.classes.merge(
          method.topLevelClass(),
          NameScores.NONE.plus(method.target(), guesses.get(i)),
          NameScores::plus);
    }
    return scores;
  }

  NameScores total() {
    return classes.values().stream().reduce(NameScores.NONE, NameScores::plus);
  }

  /// Totals and half the width of the intervals of F1 and exact match.
  Map<String, Object> json() {
    NameScores all = total();
    var json = new LinkedHashMap<String, Object>();
    json.put("examples", all.examples());
    json.putAll(json(all));
    json.put("exact_match_margin", RatioEstimate.of(by(EXACT), by(EXAMPLES)).margin());
    json.put("f1_margin", RatioEstimate.of(by(MATCHED), by(WORDS)).margin());
    return json;
  }

  static Map<String, Object> json(NameScores scores) {
    var json = new LinkedHashMap<String, Object>();
    json.put("exact_match", scores.exactMatch());
    json.put("precision", scores.precision());
    json.put("recall", scores.recall());
    json.put("f1", scores.f1());
    return json;
  }

  /// How far these are ahead of others on the same methods.
  Map<String, Object> lead(GroupedScores other) {
    return new TreeMap<>(
        Map.of("exact_match", lead(other, EXACT, EXAMPLES), "f1", lead(other, MATCHED, WORDS)));
  }

  private Map<String, Object> lead(
      GroupedScores other, ToDoubleFunction<NameScores> part, ToDoubleFunction<NameScores> whole) {
    var lead = RatioEstimate.difference(by(part), by(whole), other.by(part), other.by(whole));
    return new TreeMap<>(Map.of("lead", lead.value(), "margin", lead.margin()));
  }

  private double[] by(ToDoubleFunction<NameScores> count) {
    return classes.values().stream().mapToDouble(count).toArray();
  }
}
