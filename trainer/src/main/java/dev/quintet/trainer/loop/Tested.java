package dev.quintet.trainer.loop;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// What the best model made of the test part.
///
/// @param step after how many steps the model was the best
/// @param rows rows of the test part
/// @param loss mean cross entropy over the labels that count
/// @param scores of answers by the metrics' names
/// @param looks how often the test part was scored in this folder, this time included: more than once only where a finished
///     run was extended
public record Tested(
    long step, int rows, double loss, SequencedMap<String, Double> scores, int looks) {

  /// Copies the scores.
  public Tested {
    scores = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(scores));
  }
}
