package dev.quintet.trainer.loop;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/// Watches a training run: progress bars, logs, plots. Called by the training thread, in the order of [TrainingCallback]'s
/// events; nothing it does changes the run. One that throws an exception is logged and no longer called.
///
/// Where no callback takes part, what came of a step may be told while later ones are under way already.
public interface TrainingListener {

  /// Files that it writes. A run does not begin where one of them is there already and is not of the same run.
  default List<Path> writes() {
    return List.of();
  }

  /// Folders that it makes, in which it only ever begins new files. A run does not begin where one of them is there already and
  /// is not of the same run.
  default List<Path> folders() {
    return List.of();
  }

  /// The data is there as token ids: how much of it, and what was cut. Comes before [#started].
  default void prepared(TrainingData data) {}

  /// How much memory steps will take can be told, once weights and data are there. Comes before [#started].
  ///
  /// @param plan walks a step without computing it, for which a moment is needed; nobody else may use the model meanwhile
  default void planned(Supplier<MemoryPlan> plan) {}

  /// Training starts, or goes on from a checkpoint.
  default void started(TrainingStart start) {}

  /// An epoch begins.
  ///
  /// @param epoch from 0
  default void epochStarted(long epoch) {}

  /// A step begins.
  ///
  /// @param step from 1
  default void stepStarted(long step) {}

  /// A step is done.
  default void stepped(StepReport report) {}

  /// The validation loss has been measured after `step` steps; 0 is before the first.
  default void evaluated(long step, double loss, boolean best) {}

  /// The model has been evaluated. Who does not ask for scores hears of the loss alone.
  default void evaluated(Evaluated evaluated) {
    evaluated(evaluated.step(), evaluated.loss(), evaluated.best());
  }

  /// The test part has been scored by the best model: once a run, at its end. Told again where a finished run is resumed.
  default void tested(Tested tested) {}

  /// A checkpoint is about to be written after `step` steps: what was told of them should outlive the process.
  default void saving(long step) {}

  /// A checkpoint has been written after `step` steps.
  default void saved(long step) {}

  /// An epoch is done.
  ///
  /// @param epoch from 0
  default void epochEnded(long epoch) {}

  /// Training has ended, or has been interrupted.
  default void finished(TrainingResult result) {}

  /// Training has failed.
  default void failed(RuntimeException cause) {}

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
