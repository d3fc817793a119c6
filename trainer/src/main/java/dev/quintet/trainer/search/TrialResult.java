package dev.quintet.trainer.search;

import java.util.Locale;
import java.util.OptionalDouble;
import java.util.SequencedMap;

/// What has become of a trial.
///
/// @param trial its number
/// @param values its settings
/// @param state how it ended
/// @param value what it has come to; NaN where nothing is known
/// @param step after how many steps
/// @param low lower end of the value's interval, where there is one
/// @param high upper end of it
/// @param reason why it failed, else empty
/// @param reported its values by step
public record TrialResult(
    int trial,
    SequencedMap<String, Object> values,
    State state,
    double value,
    long step,
    OptionalDouble low,
    OptionalDouble high,
    String reason,
    SequencedMap<Long, Double> reported) {

  /// How a trial ended.
  public enum State {
    /// It ran to its full length.
    FINISHED,
    /// It was not among those that went on to the next rung.
    DROPPED,
    /// It was stopped, being worse than others were.
    PRUNED,
    /// Its settings did not work.
    FAILED,
    /// It has no result yet.
    RUNNING;

    /// The name in files.
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
