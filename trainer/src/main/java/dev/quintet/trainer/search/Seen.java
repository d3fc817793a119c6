package dev.quintet.trainer.search;

import java.util.Map;

/// What a sampler knows of a trial.
///
/// @param trial its number
/// @param values its settings
/// @param value what it has come to, where less is better; NaN where nothing is known
/// @param state whether it runs, has a value, or failed
/// @param model what the sampler had learned when it proposed the trial, to go on from
public record Seen(
    int trial, Map<String, Object> values, double value, State state, double[] model) {

  /// What has become of a trial.
  public enum State {
    /// It runs, or waits to go on, and has no value yet.
    PENDING,
    /// It has a value.
    KNOWN,
    /// It ended without a value.
    FAILED
  }

  /// Copies the numbers.
  public Seen {
    model = model.clone();
  }

  @Override
  public double[] model() {
    return model.clone();
  }
}
