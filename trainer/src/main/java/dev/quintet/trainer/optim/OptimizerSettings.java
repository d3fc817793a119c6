package dev.quintet.trainer.optim;

import dev.quintet.models.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/// Optimizers' constants as JSON has them, under the names of PyTorch's and transformers' arguments.
public final class OptimizerSettings {
  /// The names that [#named] knows.
  public static final List<String> NAMES =
      List.of("adamw", "adafactor", "adafactor_relative", "adafactor_t5x");

  private static final List<String> ADAM = List.of("name", "betas", "eps");
  private static final List<String> ADAFACTOR =
      List.of(
          "name",
          "scale_parameter",
          "relative_step",
          "warmup_init",
          "eps",
          "clip_threshold",
          "decay_rate",
          "beta1");

  private OptimizerSettings() {}

  /// An optimizer by its name alone: `adamw`; `adafactor` as transformers' Trainer sets it up, with a given rate;
  /// `adafactor_relative` with its own rate; `adafactor_t5x` as t5x has it.
  ///
  /// @throws IllegalArgumentException if there is none of this name
  public static Optimizer.Options named(String name) {
    return switch (name) {
      case "adamw" -> AdamW.Options.DEFAULT;
      case "adafactor" -> Adafactor.Options.GIVEN_RATE;
      case "adafactor_relative" -> Adafactor.Options.RELATIVE;
      case "adafactor_t5x" -> Adafactor.Options.T5X;
      default ->
          throw new IllegalArgumentException(
              "the optimizer must be one of " + NAMES + ", not '" + name + "'");
    };
  }

  /// An optimizer by its name, under `name`, with those constants that other keys give.
  ///
  /// @throws IllegalArgumentException that names the key that is wrong or unknown
  public static Optimizer.Options of(JsonObject json) {
    String name =
        json.string("name")
            .orElseThrow(
                () -> new IllegalArgumentException(json.source() + ": an optimizer needs a name"));
    if (!NAMES.contains(name)) {
      throw json.wrong("name", "one of " + NAMES, name);
    }
    Optimizer.Options options = named(name);
    List<String> known = options instanceof AdamW.Options ? ADAM : ADAFACTOR;
    for (String key : json.keys()) {
      if (!known.contains(key)) {
        throw new IllegalArgumentException(
            "%s: unknown key \"%s\" of the optimizer %s; known are %s"
                .formatted(json.source(), key, name, String.join(", ", known)));
      }
    }
    return options instanceof Adafactor.Options adafactor
        ? adafactor(json, adafactor)
        : adamW(json, AdamW.Options.DEFAULT);
  }

  /// Adam's constants.
  ///
  /// @param json may have `betas` and `eps`; other keys are not read
  /// @param base what holds where it has not
  /// @throws IllegalArgumentException that names the key that is wrong
  public static AdamW.Options adamW(JsonObject json, AdamW.Options base) {
    List<Double> betas = numbers(json, "betas", List.of(base.beta1(), base.beta2()));
    return new AdamW.Options(betas.get(0), betas.get(1), json.number("eps").orElse(base.epsilon()));
  }

  /// Adafactor's constants.
  ///
  /// @param json may have the keys of transformers' arguments; other keys are not read
  /// @param base what holds where it has not
  /// @throws IllegalArgumentException that names the key that is wrong
  public static Adafactor.Options adafactor(JsonObject json, Adafactor.Options base) {
    List<Double> epsilons = numbers(json, "eps", List.of(base.epsilon(), base.leastScale()));
    return new Adafactor.Options(
        json.bool("scale_parameter").orElse(base.scaleParameter()),
        json.bool("relative_step").orElse(base.relativeStep()),
        json.bool("warmup_init").orElse(base.warmupInit()),
        epsilons.get(0),
        epsilons.get(1),
        base.mostScale(),
        json.number("clip_threshold").orElse(base.clipThreshold()),
        json.number("decay_rate").orElse(base.decayRate()),
        json.number("beta1").orElse(base.beta1()),
        base.leastFactored(),
        base.decayByRate());
  }

  private static List<Double> numbers(JsonObject json, String key, List<Double> otherwise) {
    if (!json.has(key)) {
      return otherwise;
    }
    var numbers = new ArrayList<Double>();
    for (Object item : json.list(key).orElse(List.of())) {
      numbers.add(item instanceof Number number ? number.doubleValue() : Double.NaN);
    }
    if (numbers.size() != otherwise.size() || numbers.stream().anyMatch(n -> n.isNaN())) {
      throw json.wrong(key, otherwise.size() + " numbers", json.list(key).orElse(List.of()));
    }
    return numbers;
  }
}
