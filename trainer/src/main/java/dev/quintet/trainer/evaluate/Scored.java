package dev.quintet.trainer.evaluate;

import dev.quintet.trainer.metric.Measured;
import dev.quintet.trainer.metric.Metric;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Predictions with what they are worth, each and together.
///
/// @param loss mean cross entropy over all labels that count; NaN where it was not measured
/// @param scores of all rows together, by the metrics' names
/// @param predictions in the order of the samples
public record Scored(
    double loss, SequencedMap<String, Double> scores, List<Prediction> predictions) {

  /// Copies scores and list.
  public Scored {
    scores = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(scores));
    predictions = List.copyOf(predictions);
  }

  /// Puts metrics to predictions.
  ///
  /// @param loss mean cross entropy of all rows, or NaN
  public static Scored of(double loss, List<Metric> metrics, List<Prediction> predictions) {
    var all = new LinkedHashMap<String, Double>();
    List<LinkedHashMap<String, Double>> each = new ArrayList<>();
    predictions.forEach(_ -> each.add(new LinkedHashMap<>()));
    for (Metric metric : metrics) {
      Measured measured = metric.measure(predictions.stream().map(Prediction::answered).toList());
      put(all, metric, measured.scores());
      double[] sums = new double[measured.width()];
      for (int row = 0; row < predictions.size(); row++) {
        Arrays.fill(sums, 0);
        measured.add(row, 1, sums);
        put(each.get(row), metric, measured.scores(sums, 1));
      }
    }
    var scored = new ArrayList<Prediction>();
    for (int row = 0; row < predictions.size(); row++) {
      scored.add(predictions.get(row).withScores(each.get(row)));
    }
    return new Scored(loss, all, scored);
  }

  private static void put(SequencedMap<String, Double> into, Metric metric, double[] scores) {
    for (int i = 0; i < scores.length; i++) {
      into.put(metric.names().get(i), scores[i]);
    }
  }

  /// Answers that ended at the limit of their length.
  public long cutOff() {
    return predictions.stream().filter(one -> one.reply().cutOff()).count();
  }

  /// Answers that are empty.
  public long empty() {
    return predictions.stream().filter(one -> one.reply().text().isEmpty()).count();
  }
}
