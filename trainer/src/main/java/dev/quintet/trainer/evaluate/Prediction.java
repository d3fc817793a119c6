package dev.quintet.trainer.evaluate;

import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.metric.Answered;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// A sample, what a model answered, and what that is worth.
///
/// @param sample source, right answers, id and columns
/// @param reply the answer
/// @param loss mean cross entropy of the first right answer's tokens; NaN where it was not measured
/// @param scores of this row alone, by the metrics' names
public record Prediction(
    Sample sample, Reply reply, double loss, SequencedMap<String, Double> scores) {

  /// Copies the scores.
  public Prediction {
    scores = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(scores));
  }

  /// The answer beside the right ones, for metrics.
  public Answered answered() {
    return new Answered(reply.text(), sample.answers());
  }

  /// This prediction with other scores.
  Prediction withScores(SequencedMap<String, Double> own) {
    return new Prediction(sample, reply, loss, own);
  }
}
