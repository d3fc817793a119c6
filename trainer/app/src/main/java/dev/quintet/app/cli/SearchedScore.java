package dev.quintet.app.cli;

import dev.quintet.core.nn.NearNames;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.loop.Evaluated;
import dev.quintet.trainer.metric.Metric;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// The score that a search is about: the validation loss, or one of those that evaluations measure.
///
/// @param name as in the log: `loss`, or the name of a metric's score
/// @param higherIsBetter whether more is better
record SearchedScore(String name, boolean higherIsBetter) {
  static final String KEY = "metric";
  private static final String LOSS = "loss";

  /// The score that the search names, or else that by which the training chooses its best model.
  ///
  /// @param json the file of the search
  /// @param train the settings of `train`
  /// @throws IllegalArgumentException if the evaluations do not measure it
  static SearchedScore of(JsonObject json, JsonObject train) {
    Optional<String> asked = json.string(KEY);
    String name = asked.or(() -> train.string("select")).orElse(LOSS);
    if (name.equals(LOSS)) {
      return new SearchedScore(LOSS, false);
    }
    List<Metric> metrics = EvaluateSettings.metrics(train);
    for (Metric metric : metrics) {
      if (metric.names().contains(name)) {
        return new SearchedScore(name, metric.higherIsBetter(name));
      }
    }
    var names = new ArrayList<>(List.of(LOSS));
    metrics.forEach(metric -> names.addAll(metric.names()));
    List<String> near = NearNames.close(name, names);
    String expected =
        "a score that \"metrics\" of \"evaluate\" in the settings of train have measured, or loss (%s)%s"
            .formatted(
                "there are " + String.join(", ", names),
                near.isEmpty() ? "" : ", such as \"" + near.getFirst() + "\"");
    throw asked.isPresent()
        ? json.wrong(KEY, expected, name)
        : train.wrong("select", expected, name);
  }

  /// The name for people.
  String label() {
    return name.equals(LOSS) ? "validation loss" : name;
  }

  /// The name in files.
  String key() {
    return name.equals(LOSS) ? "validation_loss" : name;
  }

  /// What an evaluation says.
  double of(Evaluated evaluated) {
    return name.equals(LOSS) ? evaluated.loss() : evaluated.scores().getOrDefault(name, Double.NaN);
  }

  /// What an evaluation's line in the log says; NaN where it says nothing.
  double of(JsonObject entry) {
    return name.equals(LOSS)
        ? entry.number("validation_loss").orElse(Double.NaN)
        : entry.object("scores").flatMap(scores -> scores.number(name)).orElse(Double.NaN);
  }

  /// The best of some values; NaN where none is a number.
  double best(Collection<Double> values) {
    var numbers = values.stream().filter(value -> !value.isNaN()).mapToDouble(Double::doubleValue);
    return (higherIsBetter ? numbers.max() : numbers.min()).orElse(Double.NaN);
  }

  /// Whether one value is better than another.
  boolean isBetter(double one, double other) {
    return higherIsBetter ? one > other : one < other;
  }
}
