package dev.quintet.app.cli;

import dev.quintet.app.report.BaselineAnswers;
import dev.quintet.app.report.RunEnvironment;
import dev.quintet.app.report.RunHistory;
import dev.quintet.app.report.RunReport;
import dev.quintet.core.shape.Device;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.events.EventLog;
import dev.quintet.trainer.head.TaskModel;
import dev.quintet.trainer.loop.Trainer;
import dev.quintet.trainer.loop.TrainingCallback;
import dev.quintet.trainer.loop.TrainingListener;
import dev.quintet.trainer.loop.TrainingResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// One training from settings into a folder: what `train`, `cross-validate` and `search` have in common.
///
/// The settings are `train`'s; their `out` is not read here. A fold brings its own data, a trial its own values.
final class TrainRun {
  private final TrainSettings settings;
  private final List<TrainingListener> listeners = new ArrayList<>();
  private final List<TrainingCallback> callbacks = new ArrayList<>();
  private Optional<LearnedRows> data = Optional.empty();
  private BooleanSupplier stop = () -> false;
  private Runnable ready = () -> {};
  private Consumer<String> say = System.err::println;
  private boolean closed;
  private boolean resume;
  private boolean reports;

  private TrainRun(TrainSettings settings) {
    this.settings = settings;
  }

  /// A run by these settings.
  ///
  /// @throws IllegalArgumentException that names the key that is wrong
  static TrainRun of(JsonObject settings) {
    return new TrainRun(TrainSettings.of(settings));
  }

  /// A run by settings that have been checked.
  static TrainRun of(TrainSettings settings) {
    return new TrainRun(settings);
  }

  /// Learns from these rows, in place of the files that the settings name.
  TrainRun data(LearnedRows rows) {
    data = Optional.of(rows);
    return this;
  }

  /// Leaves the test part closed, for whoever opens it later: one model alone.
  TrainRun withoutTest() {
    closed = true;
    return this;
  }

  /// Who is told what preparing the data says; standard error if nobody is named.
  TrainRun say(Consumer<String> to) {
    say = to;
    return this;
  }

  /// Adds somebody who watches.
  TrainRun listener(TrainingListener listener) {
    listeners.add(listener);
    return this;
  }

  /// Adds somebody who takes part, such as a pruner.
  TrainRun callback(TrainingCallback callback) {
    callbacks.add(callback);
    return this;
  }

  /// Asked after each step; true writes a checkpoint and ends the run.
  TrainRun stopWhen(BooleanSupplier condition) {
    stop = condition;
    return this;
  }

  /// Called once model and data are loaded, before anything is written.
  TrainRun whenReady(Runnable then) {
    ready = then;
    return this;
  }

  /// Continues what is in the folder already; where nothing was saved yet, it starts.
  TrainRun resume(boolean on) {
    resume = on;
    return this;
  }

  /// Writes a report of the run when it ends, however it ends: `report.html` and `report.json`.
  TrainRun reports(boolean on) {
    reports = on;
    return this;
  }

  /// Trains. The result has the evaluations, each with its scores, and what the best model made of the test part;
  /// `OUT/predictions-STEP.jsonl` and `OUT/predictions-test.jsonl` have the answers, which
  /// [dev.quintet.trainer.evaluate.Predictions] reads.
  ///
  /// @param out the folder for everything that is written
  /// @param device where to compute
  TrainingResult run(Path out, Device device) {
    Optional<RunHistory> history =
        reports
            ? Optional.of(
                new RunHistory(
                    out, settings.json(), RunEnvironment.of(VersionText.version(), device)))
            : Optional.empty();
    Optional<EventLog> events = settings.events(out, device);
    try {
      if (settings.goesOnFromHead()) {
        try (TaskModel task = settings.head(device)) {
          GenerationConfig none = GenerationConfig.of(task.model().config());
          return run(settings.apply(Trainer.ofHead(task), none), events, history, out);
        }
      }
      try (TextToText model = settings.model(device)) {
        return run(settings.apply(Trainer.of(model), model.generation()), events, history, out);
      }
    } finally {
      events.ifPresent(EventLog::close);
    }
  }

  private TrainingResult run(
      Trainer trainer, Optional<EventLog> events, Optional<RunHistory> history, Path out) {
    data.ifPresentOrElse(rows -> rows.apply(trainer), () -> settings.data(trainer, out, say));
    if (closed) {
      trainer.test(Pairs.of(List.of()));
    }
    events.ifPresent(trainer::listener);
    history.ifPresent(trainer::listener);
    listeners.forEach(trainer::listener);
    callbacks.forEach(trainer::callback);
    trainer.stopWhen(stop);
    ready.run();
    return reported(trainer, history, out);
  }

  /// Trains, and reports on it where that is asked for.
  private TrainingResult reported(Trainer trainer, Optional<RunHistory> history, Path out) {
    TrainingResult result;
    try {
      result = (resume ? trainer.resume() : trainer).run(out);
    } catch (RuntimeException e) {
      if (history.filter(RunHistory::hasBegun).isPresent()) {
        try {
          RunReport.of(out).write();
        } catch (RuntimeException unreported) {
          e.addSuppressed(unreported); // what ended the run matters more
        }
      }
      throw e;
    }
    if (history.isPresent()) {
      if (!result.stopped()) {
        BaselineAnswers.write(out, trainer.splits().train().samples());
      }
      RunReport.of(out).write();
    }
    return result;
  }
}
