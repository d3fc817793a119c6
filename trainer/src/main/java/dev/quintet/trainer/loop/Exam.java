package dev.quintet.trainer.loop;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Scope;
import dev.quintet.trainer.data.Batch;
import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.evaluate.Answerer;
import dev.quintet.trainer.evaluate.Prediction;
import dev.quintet.trainer.evaluate.Predictions;
import dev.quintet.trainer.evaluate.Reply;
import dev.quintet.trainer.evaluate.Scored;
import dev.quintet.trainer.metric.Metric;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Questions that a model answers at an evaluation, and what its answers are worth; written to `predictions-NAME.jsonl`.
///
/// @param samples the questions
/// @param questions the sources of each, of which there are several where it is cut into windows
/// @param examples the same as token ids, one for each
/// @param answerer how they are answered
/// @param metrics what the answers are put to
/// @param pad id of the padding token
/// @param folder where predictions go
record Exam(
    List<Sample> samples,
    List<List<String>> questions,
    List<Example> examples,
    Answerer answerer,
    List<Metric> metrics,
    int pad,
    Path folder) {

  Exam {
    samples = List.copyOf(samples);
    examples = List.copyOf(examples);
    metrics = List.copyOf(metrics);
  }

  /// The file of an evaluation's predictions.
  static Path file(Path folder, String name) {
    return folder.resolve("predictions-" + name + ".jsonl");
  }

  /// What decides the answers and what they are worth, in words.
  String settings() {
    int windows = questions.stream().mapToInt(List::size).sum();
    return "%d answers %s, scored by %s"
        .formatted(
            samples.size(),
            windows == samples.size()
                ? answerer
                : answerer + " in " + windows + " windows " + Fingerprint.of(questions.toString()),
            metrics.stream().flatMap(m -> m.names().stream()).toList());
  }

  /// Has the model answer, and writes its predictions.
  ///
  /// @param name of the evaluation: a step, or `test`
  SequencedMap<String, Double> take(Learner learner, Device device, String name) {
    Scored scored = scored(learner, device);
    Predictions.write(file(folder, name), scored.predictions());
    return scored.scores();
  }

  /// Has the model answer.
  Scored scored(Learner learner, Device device) {
    List<Reply> replies = answerer.best(questions);
    var predictions = new ArrayList<Prediction>();
    double sum = 0;
    long labels = 0;
    for (int i = 0; i < samples.size(); i++) {
      Batch row = Batch.of(List.of(examples.get(i)), 0, pad);
      double loss = loss(learner, row, device);
      sum += loss;
      labels += row.labelTokens();
      predictions.add(
          new Prediction(
              samples.get(i),
              replies.get(i),
              row.labelTokens() == 0 ? Double.NaN : loss / row.labelTokens(),
              new LinkedHashMap<>()));
    }
    return Scored.of(labels == 0 ? Double.NaN : sum / labels, metrics, predictions);
  }

  private static double loss(Learner learner, Batch row, Device device) {
    if (row.labelTokens() == 0) {
      return 0;
    }
    try (var _ = Scope.openWithoutGradients(device)) {
      return learner.loss(row, Pass.inference(), 1).item();
    }
  }
}
