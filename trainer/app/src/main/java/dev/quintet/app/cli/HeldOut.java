package dev.quintet.app.cli;

import dev.quintet.core.shape.Device;
import dev.quintet.models.checkpoint.LoadOptions;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.evaluate.Scored;
import dev.quintet.trainer.metric.Metric;
import java.nio.file.Path;
import java.util.List;

/// Has a model answer rows that it has not seen, as `evaluate` in the settings of its training says, and scores the answers.
///
/// @param settings those of `train`
/// @param metrics what the answers are put to
record HeldOut(JsonObject settings, List<Metric> metrics) {

  /// Scores a model's folder.
  Scored score(Path model, Pairs pairs, Device device) {
    return new TrainedFolder(model)
        .use(
            LoadOptions.DEFAULT.withDevice(device),
            (trainer, generation) ->
                TrainSettings.of(settings)
                    .evaluation(trainer, generation)
                    .metrics(metrics.toArray(Metric[]::new))
                    .evaluate(pairs));
  }
}
