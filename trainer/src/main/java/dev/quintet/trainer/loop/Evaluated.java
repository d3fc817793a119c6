package dev.quintet.trainer.loop;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/// What an evaluation has found.
///
/// @param step steps done before it; 0 is before the first
/// @param loss mean cross entropy over the labels that count
/// @param scores of answers by the metrics' names; empty where nothing was answered
/// @param select the name of the score by which the best model is chosen
/// @param best whether the model is the best so far
public record Evaluated(
    long step, double loss, SequencedMap<String, Double> scores, String select, boolean best) {

  /// Copies the scores.
  public Evaluated {
    scores = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(scores));
  }

  /// The score that decides.
  public double selected() {
    return value(loss, scores, select);
  }

  /// A score by its name; NaN where there is none of it.
  static double value(double loss, Map<String, Double> scores, String name) {
    return name.equals(Choice.OF_LOSS) ? loss : scores.getOrDefault(name, Double.NaN);
  }
}
