package dev.quintet.app.cli;

import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.JsonText;
import dev.quintet.core.shape.Device;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.data.Examples;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.loop.Evaluation;
import dev.quintet.trainer.loop.T5Learner;
import dev.quintet.trainer.metric.Answered;
import dev.quintet.trainer.metric.Metric;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Scores a model on rows that it has not seen.
///
/// @param settings those of `train`, for lengths and batches
/// @param metrics of answers, beside the loss
record HeldOut(JsonObject settings, List<Metric> metrics) {
  private static final int ROWS = 64;

  /// What came of it.
  ///
  /// @param scores by name, `loss` first
  /// @param answers what was predicted; empty without metrics
  record Scores(SequencedMap<String, Double> scores, List<Answered> answers) {}

  /// Scores a model's folder.
  Scores score(Path model, Pairs pairs, Device device) {
    try (TextToText text = TextToText.load(model, device)) {
      var scores = new LinkedHashMap<String, Double>();
      scores.put("loss", loss(text, pairs, device));
      List<Answered> answers = metrics.isEmpty() ? List.of() : answers(text, pairs);
      if (!metrics.isEmpty()) {
        scores.putAll(measure(metrics, answers));
      }
      return new Scores(scores, answers);
    }
  }

  /// The scores of answers, by the metrics' names.
  static SequencedMap<String, Double> measure(List<Metric> metrics, List<Answered> answers) {
    var scores = new LinkedHashMap<String, Double>();
    for (Metric metric : metrics) {
      double[] values = metric.measure(answers).scores();
      for (int i = 0; i < values.length; i++) {
        scores.put(metric.names().get(i), values[i]);
      }
    }
    return scores;
  }

  private double loss(TextToText text, Pairs pairs, Device device) {
    Tokenizer tokenizer = text.tokenizer();
    int threads = Runtime.getRuntime().availableProcessors();
    var examples = Examples.of(pairs.encode(tokenizer, maxSource(), maxTarget(), threads));
    int rows = settings.integer("batch_size").orElse(8);
    return new Evaluation(examples, rows, tokenizer.padId().orElse(0))
        .loss(new T5Learner(text), device);
  }

  private List<Answered> answers(TextToText text, Pairs pairs) {
    List<Sample> samples = pairs.samples();
    var options = text.generation().withMaxNewTokens(maxTarget());
    var answers = new ArrayList<Answered>();
    for (int from = 0; from < samples.size(); from += ROWS) {
      List<Sample> part = samples.subList(from, Math.min(samples.size(), from + ROWS));
      List<String> predictions = text.generate(part.stream().map(Sample::source).toList(), options);
      for (int i = 0; i < part.size(); i++) {
        answers.add(new Answered(predictions.get(i), part.get(i).answers()));
      }
    }
    return answers;
  }

  private int maxSource() {
    return settings.integer("max_source").orElse(512);
  }

  private int maxTarget() {
    return settings.integer("max_target").orElse(128);
  }

  /// Writes predictions, a JSON object a line.
  static void write(Path file, List<Sample> samples, List<Answered> answers) {
    var text = new StringBuilder();
    for (int i = 0; i < answers.size(); i++) {
      var line = new LinkedHashMap<String, Object>();
      line.put("id", samples.get(i).id());
      line.put("source", samples.get(i).source());
      line.put("targets", answers.get(i).answers());
      line.put("prediction", answers.get(i).prediction());
      text.append(JsonText.line(line)).append('\n');
    }
    AtomicFile.write(file, text.toString());
  }
}
