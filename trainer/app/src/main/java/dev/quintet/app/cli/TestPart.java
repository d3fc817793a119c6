package dev.quintet.app.cli;

import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.JsonText;
import dev.quintet.core.shape.Device;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.evaluate.Prediction;
import dev.quintet.trainer.evaluate.Predictions;
import dev.quintet.trainer.evaluate.Scored;
import dev.quintet.trainer.metric.Answered;
import dev.quintet.trainer.metric.Metric;
import dev.quintet.trainer.statistics.Bootstrap;
import dev.quintet.trainer.statistics.Interval;
import dev.quintet.trainer.statistics.Resamples;
import dev.quintet.trainer.statistics.SamplingUnits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// The test part, which is opened for one model alone; how often it was opened is kept beside the result.
///
/// @param record the file that says what came of it
/// @param predictions the file of the answers
record TestPart(Path record, Path predictions) {
  private static final double LEVEL = 0.95;
  private static final int RESAMPLES = 1000;
  private static final long SEED = 12345;

  /// A model's scores; those of an earlier time where it is the same trial.
  ///
  /// @param settings those of `train` that the trial had, which name the test part
  /// @return nothing where there is no test part
  SequencedMap<String, Object> scores(int trial, Path model, JsonObject settings, Device device) {
    long looks = 0;
    if (Files.exists(record)) {
      JsonObject before = JsonObject.read(record);
      looks = before.required("looks", JsonObject::whole);
      if (before.required("trial", JsonObject::integer) == trial) {
        var kept = new LinkedHashMap<String, Object>();
        before.keysAsWritten().forEach(key -> kept.put(key, before.value(key).orElseThrow()));
        return kept;
      }
    }
    Pairs pairs = TrainSettings.of(settings).test();
    if (pairs.size() == 0) {
      return new LinkedHashMap<>();
    }
    if (!Files.isDirectory(model)) {
      System.err.println(
          "the test part stays closed: " + model + " is gone, since \"keep\" is none");
      return new LinkedHashMap<>();
    }
    List<Metric> metrics = EvaluateSettings.metrics(settings);
    Scored scored = new HeldOut(settings, metrics).score(model, pairs, device);
    Predictions.write(predictions, scored.predictions());
    var result = new LinkedHashMap<String, Object>();
    result.put("looks", looks + 1);
    result.put("trial", (long) trial);
    result.put("rows", (long) pairs.size());
    result.put("loss", scored.loss());
    result.put("scores", scored.scores());
    result.put("intervals", intervals(metrics, scored));
    AtomicFile.write(record, JsonText.of(result) + "\n");
    return result;
  }

  /// Intervals of 95 % by bootstrap.
  private static SequencedMap<String, Object> intervals(List<Metric> metrics, Scored scored) {
    List<Answered> rows = scored.predictions().stream().map(Prediction::answered).toList();
    var intervals = new LinkedHashMap<String, Object>();
    for (Metric metric : metrics) {
      List<Bootstrap> scores =
          Bootstrap.of(
              SamplingUnits.rows(metric.measure(rows)),
              Resamples.seeded(rows.size(), RESAMPLES, SEED));
      for (int i = 0; i < scores.size(); i++) {
        Interval interval = scores.get(i).percentile(LEVEL);
        intervals.put(metric.names().get(i), List.of(interval.low(), interval.high()));
      }
    }
    return intervals;
  }
}
