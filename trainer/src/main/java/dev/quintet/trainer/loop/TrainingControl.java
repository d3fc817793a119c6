package dev.quintet.trainer.loop;

/// What a [TrainingCallback] may ask of the run.
public interface TrainingControl {

  /// Ends the run at the end of this step, as if it had been the last: with a checkpoint, and with the test part scored.
  void stop();

  /// Evaluates at the end of this step.
  void evaluateNow();

  /// Writes a checkpoint at the end of this step.
  void saveNow();

  /// Leaves out this step's update; the schedule goes on.
  ///
  /// @throws IllegalStateException outside [TrainingCallback#gradientsReady]
  void skipUpdate();

  /// Multiplies the learning rate by a factor from the next step on, in place of the factor that this callback has set before.
  ///
  /// @param factor at least 0
  /// @throws IllegalArgumentException if it is not
  void rate(double factor);
}
