package dev.quintet.app.demo;

import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5Config;
import dev.quintet.trainer.data.BatchPlan;
import java.util.Map;

/// What a training step takes on this machine: `perStep + perWork * work` seconds, fitted to steps that were timed.
///
/// Batches come from pools sorted by length, so that a step's cost varies by a factor of three; their sizes are known
/// beforehand, and with them the cost of any stretch of steps.
///
/// @param perStep seconds of a step whatever its size
/// @param perWork seconds of a million multiply-adds of one pass
record StepCost(double perStep, double perWork) {

  /// Least squares, since what is planned is a sum; neither part is negative.
  ///
  /// @param work of each step
  /// @param seconds of each step
  static StepCost fit(double[] work, double[] seconds) {
    double meanWork = mean(work);
    double meanSeconds = mean(seconds);
    double both = 0;
    double squares = 0;
    for (int i = 0; i < work.length; i++) {
      both += (work[i] - meanWork) * (seconds[i] - meanSeconds);
      squares += (work[i] - meanWork) * (work[i] - meanWork);
    }
    double steepest = meanSeconds / meanWork; // through the origin
    double slope = squares == 0 ? steepest : Math.clamp(both / squares, 0, steepest);
    return new StepCost(meanSeconds - slope * meanWork, slope);
  }

  static StepCost of(JsonObject json) {
    return new StepCost(
        json.required("seconds_per_step", JsonObject::number),
        json.required("seconds_per_work", JsonObject::number));
  }

  void put(Map<String, Object> json) {
    json.put("seconds_per_step", perStep);
    json.put("seconds_per_work", perWork);
  }

  double seconds(double work) {
    return perStep + perWork * work;
  }

  /// A padded batch's work: million multiply-adds of one pass through the matrices.
  static double work(T5Config config, BatchPlan.Size size) {
    double d = config.modelWidth();
    double attention = d * config.attentionWidth();
    double feedForward = 2 * d * config.innerWidth();
    double source =
        config.encoderLayers() * (4 * attention + feedForward)
            + config.decoderLayers() * 2 * attention; // keys and values of the states
    double target = config.decoderLayers() * (6 * attention + feedForward) + d * config.vocabSize();
    return size.rows() * (size.sourceLength() * source + size.targetLength() * target) / 1e6;
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }
}
