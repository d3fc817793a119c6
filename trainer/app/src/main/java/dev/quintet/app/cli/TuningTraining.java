package dev.quintet.app.cli;

import dev.quintet.app.tuning.Score;
import dev.quintet.app.tuning.Trial;
import dev.quintet.app.tuning.TrialLog;
import dev.quintet.app.tuning.TrialResult;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.random.Site;
import dev.quintet.core.shape.Device;
import dev.quintet.trainer.evaluate.Prediction;
import dev.quintet.trainer.evaluate.Predictions;
import dev.quintet.trainer.loop.TrainingListener;
import dev.quintet.trainer.loop.TrainingResult;
import dev.quintet.trainer.loop.TrainingStart;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/// Runs one training of a comparison after another, each in a folder of its own, and reads what came of it from the files that it
/// left, so that a training that was killed and resumed says the same as one left alone.
///
/// @param settings of all
/// @param device where to compute
/// @param stop asked again and again whether to stop
/// @param remarks told of each training's data
record TuningTraining(
    TuningSettings settings, Device device, BooleanSupplier stop, NewRemarks remarks) {

  /// Trains, or goes on.
  ///
  /// @return what came of it; nothing where it was stopped
  Optional<TrialResult> run(Trial trial) {
    Path folder = trial.folder(settings.out());
    long begun = System.nanoTime();
    Backends.of(device).memory().resetPeak();
    var counts = new Counts();
    TrainingResult trained =
        TrainRun.of(settings.settings(trial))
            .say(remarks::say)
            .resume(true)
            .listener(counts)
            .listener(remarks)
            .stopWhen(stop)
            .run(folder, device);
    if (trained.stopped()) {
      return Optional.empty();
    }
    TrialLog log = TrialLog.read(folder.resolve("log.jsonl"), score(trial));
    String last = trial.start().isPresent() ? String.valueOf(trained.steps()) : "test";
    return Optional.of(
        new TrialResult(
            trial,
            score(trial, folder, last),
            trial.start().map(_ -> score(trial, folder, "0")),
            counts.trainable,
            counts.trainable + counts.frozen,
            log.peakBytes(),
            AtomicDirectory.newest(folder.resolve("checkpoints"), "step-")
                .map(TuningTraining::bytes)
                .orElse(0L),
            bytes(folder.resolve("best")),
            trained.steps(),
            trained.bestStep(),
            log.stepSeconds(),
            (System.nanoTime() - begun) / 1e9,
            log.curve()));
  }

  private String score(Trial trial) {
    return settings.design().task(trial.task()).score();
  }

  /// The score of the answers that a training wrote down.
  ///
  /// @param name of the evaluation: a step, or `test`
  private Score score(Trial trial, Path folder, String name) {
    List<Prediction> answers = Predictions.read(folder.resolve("predictions-" + name + ".jsonl"));
    return Score.of(
        settings.metric(trial.task()),
        score(trial),
        answers.stream().map(Prediction::answered).toList(),
        Site.of(trial.task()));
  }

  /// Removes what nobody needs once a training is written down.
  void clear(Trial trial) {
    Path folder = trial.folder(settings.out());
    switch (settings.keep()) {
      case ALL -> {}
      case BEST, NONE -> {
        for (String name : List.of("checkpoints", "last")) {
          delete(folder.resolve(name));
        }
      }
    }
  }

  /// Removes the folders of all trainings, where none is to stay.
  void clearAll() {
    if (settings.keep() == SearchSettings.Keep.NONE) {
      for (String name : List.of("trials", "transfer")) {
        delete(settings.out().resolve(name));
      }
    }
  }

  private static void delete(Path folder) {
    if (Files.isDirectory(folder)) {
      AtomicDirectory.delete(folder);
    }
  }

  /// The bytes of all files in a folder; 0 where there is none.
  private static long bytes(Path folder) {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      long bytes = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot measure " + folder + ": " + e, e);
    }
  }

  /// How much trains.
  private static final class Counts implements TrainingListener {
    private long trainable;
    private long frozen;

    @Override
    public void started(TrainingStart start) {
      trainable = start.trainable();
      frozen = start.frozen();
    }
  }
}
