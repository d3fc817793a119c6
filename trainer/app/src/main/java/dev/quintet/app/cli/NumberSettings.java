package dev.quintet.app.cli;

import dev.quintet.core.shape.DType;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.loop.Trainer;
import dev.quintet.trainer.optim.Adafactor;
import dev.quintet.trainer.optim.AdamW;
import dev.quintet.trainer.optim.Optimizer;
import dev.quintet.trainer.optim.OptimizerSettings;
import dev.quintet.trainer.schedule.LearningRate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The settings of `train` that say how a step changes the model: optimizer, rates, losses, precision, freezing.
///
/// @param settings all of them
record NumberSettings(SettingsJson settings) {

  /// Gives a trainer what the settings say.
  void apply(Trainer trainer) {
    JsonObject json = settings.json();
    optimizer().ifPresent(trainer::optimizer);
    settings.number(TrainKey.LEARNING_RATE, trainer::learningRate);
    json.string("schedule").map(this::shape).ifPresent(trainer::schedule);
    settings.whole(TrainKey.WARMUP, trainer::warmup);
    settings.number(TrainKey.WEIGHT_DECAY, trainer::weightDecay);
    settings.number(TrainKey.CLIP, trainer::clip);
    settings.number(TrainKey.DROPOUT, trainer::dropout);
    json.string("dtype").map(this::type).ifPresent(trainer::type);
    json.bool("checkpointing").ifPresent(trainer::checkpointing);
    json.list("freeze")
        .ifPresent(list -> trainer.freeze(SettingsJson.texts(json, "freeze", list, "patterns")));
    json.object("unfreeze").ifPresent(steps -> unfreeze(steps, trainer));
  }

  private DType type(String name) {
    return switch (name) {
      case "f32" -> DType.F32;
      case "bf16" -> DType.BF16;
      default -> throw settings.json().wrong("dtype", "f32 or bf16", name);
    };
  }

  /// A name, or an object with a name and constants.
  private Optional<Optimizer.Options> optimizer() {
    JsonObject json = settings.json();
    Optional<Optimizer.Options> options =
        json.value("optimizer")
            .map(value ->
                switch (value) {
                  case String name when !OptimizerSettings.NAMES.contains(name) ->
                      throw json.wrong("optimizer", "one of " + OptimizerSettings.NAMES, name);
                  case String name -> OptimizerSettings.named(name);
                  case JsonObject object -> OptimizerSettings.of(object);
                  default -> throw json.wrong("optimizer", "a name or an object", value);
                });
    if (options.orElse(AdamW.Options.DEFAULT) instanceof Adafactor.Options adafactor
        && adafactor.relativeStep()) {
      for (String key : List.of("learning_rate", "schedule", "warmup")) {
        if (json.has(key)) {
          throw new IllegalArgumentException(
              "%s: the optimizer has a rate of its own, which excludes the key \"%s\""
                  .formatted(json.source(), key));
        }
      }
    }
    return options;
  }

  private LearningRate.Shape shape(String name) {
    return switch (name.toLowerCase(Locale.ROOT).replace('-', '_')) {
      case "linear" -> LearningRate.Shape.LINEAR;
      case "cosine" -> LearningRate.Shape.COSINE;
      case "constant" -> LearningRate.Shape.CONSTANT;
      case "inverse_sqrt", "inverse_square_root" -> LearningRate.Shape.INVERSE_SQRT;
      default ->
          throw settings.json().wrong("schedule", "linear, cosine, constant or inverse_sqrt", name);
    };
  }

  private void unfreeze(JsonObject steps, Trainer trainer) {
    for (String step : steps.keys()) {
      if (!step.matches("[0-9]{1,18}")) {
        throw settings.json().wrong("unfreeze", "an object from steps to lists of patterns", step);
      }
      List<?> list = steps.list(step).orElseThrow();
      trainer.unfreeze(Long.parseLong(step), SettingsJson.texts(steps, step, list, "patterns"));
    }
  }
}
