package dev.quintet.app.demo;

import dev.quintet.trainer.metric.NameScores;
import dev.quintet.trainer.metric.RatioEstimate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.node.ObjectNode;

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
  void put(ObjectNode json) {
    NameScores all = total();
    json.put("examples", all.examples()).put("exact_match", all.exactMatch());
    json.put("precision", all.precision()).put("recall", all.recall()).put("f1", all.f1());
    json.put("exact_match_margin", RatioEstimate.of(by(EXACT), by(EXAMPLES)).margin());
    json.put("f1_margin", RatioEstimate.of(by(MATCHED), by(WORDS)).margin());
  }

  /// How far these are ahead of others on the same methods.
  void putLead(ObjectNode json, GroupedScores other) {
    lead(json.putObject("exact_match"), other, EXACT, EXAMPLES);
    lead(json.putObject("f1"), other, MATCHED, WORDS);
  }

  private void lead(
      ObjectNode json,
      GroupedScores other,
      ToDoubleFunction<NameScores> part,
      ToDoubleFunction<NameScores> whole) {
    var lead = RatioEstimate.difference(by(part), by(whole), other.by(part), other.by(whole));
    json.put("lead", lead.value()).put("margin", lead.margin());
  }

  private double[] by(ToDoubleFunction<NameScores> count) {
    return classes.values().stream().mapToDouble(count).toArray();
  }
}
