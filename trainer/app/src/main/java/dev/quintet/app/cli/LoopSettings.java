package dev.quintet.app.cli;

import dev.quintet.trainer.loop.Trainer;

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
    settings.whole(TrainKey.SAVE_EVERY, trainer::saveEvery);
    settings.whole(TrainKey.EVALUATE_EVERY, trainer::evaluateEvery);
  }
}
