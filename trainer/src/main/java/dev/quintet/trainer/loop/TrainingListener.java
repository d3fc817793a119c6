package dev.quintet.trainer.loop;

import java.nio.file.Path;
import java.util.List;

/// Watches a training run: progress bars, logs, plots. Called by the training thread; nothing it does
/// changes the run.
public interface TrainingListener {

  /// Files that it writes. A run does not begin where one of them is there already and is not of the same run.
  default List<Path> writes() {
    return List.of();
  }

  /// The data is there as token ids: how much of it, and what was cut. Comes before [#started].
  default void prepared(TrainingData data) {}

  /// Training starts, or goes on from a checkpoint.
  default void started(TrainingStart start) {}

  /// A step is done.
  default void stepped(StepReport report) {}

  /// The validation loss has been measured after `step` steps; 0 is before the first.
  default void evaluated(long step, double loss, boolean best) {}

  /// A checkpoint has been written after `step` steps.
  default void saved(long step) {}

  /// Training has ended, or has been interrupted.
  default void finished(TrainingResult result) {}

  /// One step's numbers.
  ///
  /// @param step steps done, from 1
  /// @param steps steps in all
  /// @param loss mean cross entropy over the labels that count
  /// @param rate the learning rate
  /// @param norm global norm of the gradients, before clipping
  /// @param tokens source and label tokens of the step that are not padding
  /// @param labels labels that count
  /// @param nanoseconds what the step took
  record StepReport(
      long step,
      long steps,
      double loss,
      double rate,
      double norm,
      int tokens,
      int labels,
      long nanoseconds) {}
}
