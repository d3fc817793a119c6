package dev.quintet.trainer.loop;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.loop.TrainingResult.Validation;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a checkpoint holds beside weights and moments. The position in the data and the counters of all random
/// numbers are functions of the seed and the step, so the step is all of them.
///
/// @param step steps done
/// @param seed of data and dropout
/// @param fingerprint of plan, data and model: a checkpoint continues only the run that wrote it
/// @param arithmetic what decides the last bits, such as `cpu-512`
/// @param updates how often each parameter has been updated
/// @param skipped steps in a row, up to here, that were skipped for a gradient that is not finite
/// @param validation evaluations so far
/// @param bestStep after how many steps the model was best; -1 before the first
/// @param parts what else goes on where it was, by name: what counts evaluations, lowers rates, takes part
record TrainingState(
    long step,
    long seed,
    String fingerprint,
    String arithmetic,
    SortedMap<String, Integer> updates,
    int skipped,
    List<Validation> validation,
    long bestStep,
    SortedMap<String, JsonObject> parts) {

  TrainingState {
    updates = new TreeMap<>(updates);
    validation = List.copyOf(validation);
    parts = new TreeMap<>(parts);
  }

  /// Whether the last step and the last validation loss were finite.
  boolean isSound() {
    return skipped == 0 && (validation.isEmpty() || Double.isFinite(validation.getLast().loss()));
  }
}
