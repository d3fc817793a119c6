package dev.quintet.app.cli;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.loop.Interval;
import dev.quintet.trainer.loop.Trainer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The settings of `train` that say how long it trains, in which portions, and when it looks at what came of it.
///
/// @param settings all of them
record LoopSettings(SettingsJson settings) {

  /// Refuses both steps and epochs, or neither.
  void check() {
    settings.either("steps", "epochs");
  }

  /// Gives a trainer what the settings say.
  void apply(Trainer trainer) {
    settings.whole(TrainKey.STEPS, trainer::steps);
    settings.number(TrainKey.EPOCHS, trainer::epochs);
    settings.integer(TrainKey.BATCH_SIZE, trainer::batchSize);
    settings.integer(TrainKey.ACCUMULATION, trainer::accumulation);
    trainer.maxLengths(
        settings.json().integer("max_source").orElse(512),
        settings.json().integer("max_target").orElse(128));
    trainer.seed(settings.json().whole("seed").orElse(0L));
    interval(TrainKey.SAVE_EVERY).ifPresent(trainer::saveEvery);
    interval(TrainKey.EVALUATE_EVERY).ifPresent(trainer::evaluateEvery);
    settings.integer(TrainKey.SAVE_LIMIT, trainer::saveLimit);
    settings.json().bool("auto_batch").ifPresent(trainer::autoBatch);
    settings
        .json()
        .value("warm_start")
        .ifPresent(from -> {
          switch (from) {
            case String run -> trainer.warmStart(folder(run), false);
            case JsonObject object -> warmStart(trainer, object);
            default ->
                throw settings
                    .json()
                    .wrong(
                        "warm_start",
                        "the folder of a run, or {\"run\": ..., \"moments\": true}",
                        from);
          }
        });
  }

  private void warmStart(Trainer trainer, JsonObject object) {
    SettingsJson.refuseUnknown(object, " in \"warm_start\"", List.of("run", "moments"));
    String run =
        object
            .string("run")
            .orElseThrow(() -> settings.missing("run\" in \"warm_start", "it names a folder"));
    trainer.warmStart(folder(run), object.bool("moments").orElse(false));
  }

  private Path folder(String run) {
    if (!Files.isDirectory(Path.of(run))) {
      throw settings.json().wrong("warm_start", "the folder of a run", run);
    }
    return Path.of(run);
  }

  /// Steps, or a text such as `1 epoch`.
  private Optional<Interval> interval(TrainKey key) {
    JsonObject json = settings.json();
    return json.value(key.key())
        .map(value -> {
          try {
            return switch (value) {
              case Number steps -> new Interval(steps.doubleValue(), false);
              case String text -> Interval.of(text);
              default -> throw new IllegalArgumentException("neither a number nor a text");
            };
          } catch (IllegalArgumentException e) {
            throw json.wrong(
                key.key(), "steps, such as 200, or epochs, such as \"1 epoch\"", value);
          }
        });
  }
}
