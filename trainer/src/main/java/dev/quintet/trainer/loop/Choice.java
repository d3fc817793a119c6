package dev.quintet.trainer.loop;

import java.util.OptionalInt;

/// Which of a run's evaluations is the best, and when the run ends since none has been better for long.
///
/// @param select the score that decides: `loss`, or one of a metric's names
/// @param higherIsBetter whether a higher one is better
/// @param patience after how many evaluations in a row without progress the run ends; nothing for never
/// @param minDelta by more than how much an evaluation has to be better to count as progress
public record Choice(String select, boolean higherIsBetter, OptionalInt patience, double minDelta) {
  /// The name of the validation loss among the scores.
  public static final String OF_LOSS = "loss";

  /// The lowest validation loss, and no early end.
  public static final Choice LOSS = new Choice(OF_LOSS, false, OptionalInt.empty(), 0);

  /// Checks the numbers.
  ///
  /// @throws IllegalArgumentException that names the one that is wrong
  public Choice {
    if (patience.isPresent() && patience.getAsInt() < 1) {
      throw new IllegalArgumentException(
          "patience is at least 1 evaluation, not " + patience.getAsInt());
    }
    if (!(minDelta >= 0 && minDelta < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("min_delta is at least 0, not " + minDelta);
    }
  }

  /// This choice with another patience.
  public Choice withPatience(OptionalInt evaluations) {
    return new Choice(select, higherIsBetter, evaluations, minDelta);
  }
}
