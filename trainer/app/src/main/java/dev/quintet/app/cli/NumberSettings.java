package dev.quintet.app.cli;

import dev.quintet.core.shape.DType;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.loop.Trainer;
import dev.quintet.trainer.optim.Adafactor;
import dev.quintet.trainer.optim.AdamW;
import dev.quintet.trainer.optim.Ema;
import dev.quintet.trainer.optim.Optimizer;
import dev.quintet.trainer.optim.OptimizerSettings;
import dev.quintet.trainer.optim.UpdateRule;
import dev.quintet.trainer.schedule.LearningRate;
import dev.quintet.trainer.schedule.ScheduleSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;

/// The settings of `train` that say how a step changes the model: optimizer, rates, losses, precision, freezing.
///
/// @param settings all of them
record NumberSettings(SettingsJson settings) {
  private static final double MOST_FACTOR = 1000;

  /// Gives a trainer what the settings say.
  void apply(Trainer trainer) {
    JsonObject json = settings.json();
    optimizer().ifPresent(trainer::optimizer);
    settings.number(TrainKey.LEARNING_RATE, trainer::learningRate);
    settings.whole(TrainKey.WARMUP, trainer::warmup);
    schedule().ifPresent(trainer::rate);
    json.object("rates").ifPresent(rates -> trainer.rates(rates(rates)));
    settings.number(TrainKey.LAYER_DECAY, trainer::layerDecay);
    average().ifPresent(trainer::ema);
    settings.number(TrainKey.WEIGHT_DECAY, trainer::weightDecay);
    settings.number(TrainKey.CLIP, trainer::clip);
    settings.number(TrainKey.CLIP_VALUE, trainer::clipValue);
    json.string("nonfinite").map(this::notFinite).ifPresent(trainer::notFinite);
    json.bool("fused_update").ifPresent(trainer::fusedUpdate);
    settings.number(TrainKey.LABEL_SMOOTHING, trainer::labelSmoothing);
    settings.number(TrainKey.Z_LOSS, trainer::zLoss);
    settings.number(TrainKey.DROPOUT, trainer::dropout);
    json.string("dtype").map(this::type).ifPresent(trainer::type);
    json.bool("checkpointing").ifPresent(trainer::checkpointing);
    json.bool("packed_rows").ifPresent(trainer::packedRows);
    json.list("freeze")
        .ifPresent(list -> trainer.freeze(SettingsJson.texts(json, "freeze", list, "patterns")));
    json.object("unfreeze").ifPresent(steps -> unfreeze(steps, trainer));
  }

  private boolean narrow(String name) {
    return switch (name) {
      case "f32" -> false;
      case "bf16" -> true;
      default -> throw settings.json().wrong("moments", "f32 or bf16", name);
    };
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
    if (json.string("moments").map(this::narrow).orElse(false)) {
      return Optional.of(
          switch (options.orElse(AdamW.Options.DEFAULT)) {
            case AdamW.Options adam -> adam.withNarrowMoments();
            default ->
                throw new IllegalArgumentException(
                    "%s: \"moments\": \"bf16\" goes with the optimizer adamw alone, whose moments take twice the memory of the weights: leave one of the keys \"moments\" and \"optimizer\" out"
                        .formatted(json.source()));
          });
    }
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

  /// A name, or an object with a name and constants.
  private Optional<LearningRate> schedule() {
    JsonObject json = settings.json();
    double peak = json.number("learning_rate").orElse(Trainer.LEARNING_RATE);
    long warmup = json.whole("warmup").orElse(0L);
    return json.value("schedule")
        .map(value ->
            switch (value) {
              case String name -> {
                String known = name.toLowerCase(Locale.ROOT).replace('-', '_');
                if (!ScheduleSettings.NAMES.contains(known)
                    && !known.equals("inverse_square_root")) {
                  throw json.wrong("schedule", "one of " + ScheduleSettings.NAMES, name);
                }
                yield ScheduleSettings.named(known, peak, warmup);
              }
              case JsonObject object -> ScheduleSettings.of(object, peak, warmup);
              default -> throw json.wrong("schedule", "a name or an object", value);
            });
  }

  private static SequencedMap<String, Double> rates(JsonObject rates) {
    var factors = new LinkedHashMap<String, Double>();
    for (String pattern : rates.keys()) {
      double factor = rates.required(pattern, JsonObject::number);
      if (!(factor >= 0 && factor <= MOST_FACTOR)) {
        throw rates.wrong(pattern + "\" in \"rates", "a factor from 0 to 1,000", factor);
      }
      factors.put(pattern, factor);
    }
    return factors;
  }

  /// Whether, a decay, or an object with a decay and whether it warms up.
  private Optional<Ema.Options> average() {
    JsonObject json = settings.json();
    return json.value("ema")
        .flatMap(value ->
            switch (value) {
              case Boolean on -> on ? Optional.of(Ema.Options.DEFAULT) : Optional.empty();
              case Number decay -> Optional.of(average(json, "ema", decay.doubleValue(), false));
              case JsonObject object -> {
                SettingsJson.refuseUnknown(object, " in \"ema\"", List.of("decay", "warmup"));
                yield Optional.of(
                    average(
                        object,
                        "decay",
                        object.number("decay").orElse(Ema.Options.DEFAULT.decay()),
                        object.bool("warmup").orElse(false)));
              }
              default -> throw json.wrong("ema", "true, false, a decay or an object", value);
            });
  }

  private static Ema.Options average(JsonObject json, String key, double decay, boolean warmup) {
    if (!(decay > 0 && decay < 1)) {
      throw json.wrong(key, "a decay above 0 and below 1", decay);
    }
    return new Ema.Options(decay, warmup);
  }

  private UpdateRule.NotFinite notFinite(String name) {
    return switch (name) {
      case "skip" -> UpdateRule.NotFinite.SKIP;
      case "fail" -> UpdateRule.NotFinite.FAIL;
      default -> throw settings.json().wrong("nonfinite", "skip or fail", name);
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
