package dev.quintet.trainer.loop;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.loop.TrainingListener.StepReport;
import java.util.Map;

/// Takes part in a run: it may end it, ask for an evaluation or a checkpoint, leave out an update or change the rate. Who only
/// watches is a [TrainingListener].
///
/// In the order in which they were registered, and before any listener, callbacks hear
///
/// ```
/// started, [evaluated(0), best], then for each step: [epochStarted], stepStarted, partDone for each forward,
/// [gradientsReady], updated, stepped, [evaluated, best], [saved], [epochEnded]; then finished, interrupted or failed
/// ```
///
/// What a callback remembers from step to step belongs into [#state], which checkpoints hold: a resumed run then equals one
/// left alone. On resuming, `saved` and `epochEnded` that fell on the checkpoint's step are told again, since its state is
/// from before them. A run is continued only with callbacks of the same classes and [#settings].
///
/// An exception ends the run, with a checkpoint. With a callback a run waits for the device after each step.
public interface TrainingCallback {

  /// What decides what it does, in words; part of what a resumed run has to agree in.
  default String settings() {
    return "";
  }

  /// What it has to remember, as JSON: texts, numbers, truth values, lists and maps.
  default Map<String, Object> state() {
    return Map.of();
  }

  /// Goes on with what [#state] gave; called before [#started] where a run is resumed.
  default void restore(JsonObject state) {}

  /// Training starts, or goes on from a checkpoint.
  default void started(TrainingStart start, TrainingControl control) {}

  /// An epoch begins.
  ///
  /// @param epoch from 0
  default void epochStarted(long epoch, TrainingControl control) {}

  /// A step begins.
  ///
  /// @param step from 1
  default void stepStarted(long step, TrainingControl control) {}

  /// A forward of a step and its backward have been asked for.
  ///
  /// @param step from 1
  /// @param part from 0
  /// @param parts how many the step has
  default void partDone(long step, int part, int parts, TrainingControl control) {}

  /// Whether [#gradientsReady] is to be called. The run then waits for the device within each step, and no step is repeated
  /// as a whole.
  default boolean readsGradients() {
    return false;
  }

  /// The gradients are there and clipped, and the update has not been made; not called where they are not finite.
  default void gradientsReady(Gradients gradients, TrainingControl control) {}

  /// The model has been updated.
  default void updated(long step, TrainingControl control) {}

  /// A step is done.
  default void stepped(StepReport report, TrainingControl control) {}

  /// The model has been evaluated.
  default void evaluated(Evaluated evaluated, TrainingControl control) {}

  /// The best model so far has been written.
  default void best(Evaluated evaluated, TrainingControl control) {}

  /// A checkpoint has been written after `step` steps.
  default void saved(long step, TrainingControl control) {}

  /// An epoch is done.
  ///
  /// @param epoch from 0
  default void epochEnded(long epoch, TrainingControl control) {}

  /// Training has ended.
  default void finished(TrainingResult result) {}

  /// Training was asked to stop before its end.
  default void interrupted(TrainingResult result) {}

  /// Training has failed.
  default void failed(RuntimeException cause) {}
}
