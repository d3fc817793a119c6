package dev.quintet.trainer.optim;

import dev.quintet.models.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Optimizers' constants as JSON has them, under the names of PyTorch's, timm's and transformers' arguments.
public final class OptimizerSettings {
  /// The names that [#named] knows.
  public static final List<String> NAMES =
      List.of(
          "adamw",
          "adafactor",
          "adafactor_relative",
          "adafactor_t5x",
          "sgd",
          "lamb",
          "lion",
          "adamw_scale",
          "muon");

  private static final List<String> ADAFACTOR =
      List.of(
          "scale_parameter",
          "relative_step",
          "warmup_init",
          "eps",
          "clip_threshold",
          "decay_rate",
          "beta1");
  private static final Map<String, List<String>> KEYS =
      Map.of(
          "adamw",
          List.of("betas", "eps"),
          "adafactor",
          ADAFACTOR,
          "adafactor_relative",
          ADAFACTOR,
          "adafactor_t5x",
          ADAFACTOR,
          "sgd",
          List.of("momentum", "dampening", "nesterov"),
          "lamb",
          List.of("betas", "eps", "bias_correction", "always_adapt", "trust_clip"),
          "lion",
          List.of("betas"),
          "adamw_scale",
          List.of("betas", "eps", "correct_bias"),
          "muon",
          List.of("momentum", "nesterov", "adjust", "adamw_share", "betas", "eps"));

  private OptimizerSettings() {}

  /// An optimizer by its name alone: `adamw`; `adafactor` as transformers' Trainer sets it up, with a given rate;
  /// `adafactor_relative` with its own rate; `adafactor_t5x` as t5x has it; `sgd`, `lamb`, `lion`, `adamw_scale`, `muon`.
  ///
  /// @throws IllegalArgumentException if there is none of this name
  public static Optimizer.Options named(String name) {
    return switch (name) {
      case "adamw" -> AdamW.Options.DEFAULT;
      case "adafactor" -> Adafactor.Options.GIVEN_RATE;
      case "adafactor_relative" -> Adafactor.Options.RELATIVE;
      case "adafactor_t5x" -> Adafactor.Options.T5X;
      case "sgd" -> Sgd.Options.DEFAULT;
      case "lamb" -> Lamb.Options.DEFAULT;
      case "lion" -> Lion.Options.DEFAULT;
      case "adamw_scale" -> AdamWScale.Options.DEFAULT;
      case "muon" -> Muon.Options.DEFAULT;
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
    List<String> known = KEYS.getOrDefault(name, List.of());
    for (String key : json.keys()) {
      if (!key.equals("name") && !known.contains(key)) {
        throw new IllegalArgumentException(
            "%s: unknown key \"%s\" of the optimizer %s; known are name, %s"
                .formatted(json.source(), key, name, String.join(", ", known)));
      }
    }
    return switch (named(name)) {
      case Adafactor.Options base -> adafactor(json, base);
      case AdamW.Options base -> adamW(json, base);
      case Sgd.Options base ->
          new Sgd.Options(
              json.number("momentum").orElse(base.momentum()),
              json.number("dampening").orElse(base.dampening()),
              json.bool("nesterov").orElse(base.nesterov()));
      case Lamb.Options base -> lamb(json, base);
      case Lion.Options base -> {
        List<Double> betas = numbers(json, "betas", List.of(base.beta1(), base.beta2()));
        yield new Lion.Options(betas.get(0), betas.get(1));
      }
      case AdamWScale.Options base -> {
        List<Double> betas = numbers(json, "betas", List.of(base.beta1(), base.beta2()));
        yield new AdamWScale.Options(
            betas.get(0),
            betas.get(1),
            json.number("eps").orElse(base.epsilon()),
            json.bool("correct_bias").orElse(base.biasCorrection()));
      }
      case Muon.Options base ->
          new Muon.Options(
              json.number("momentum").orElse(base.momentum()),
              json.bool("nesterov").orElse(base.nesterov()),
              json.string("adjust").map(text -> adjust(json, text)).orElse(base.adjust()),
              adamW(json, base.others()),
              json.number("adamw_share").orElse(base.othersShare()));
      case Optimizer.Options other -> other;
    };
  }

  private static Lamb.Options lamb(JsonObject json, Lamb.Options base) {
    List<Double> betas = numbers(json, "betas", List.of(base.beta1(), base.beta2()));
    return new Lamb.Options(
        betas.get(0),
        betas.get(1),
        json.number("eps").orElse(base.epsilon()),
        json.bool("bias_correction").orElse(base.biasCorrection()),
        json.bool("always_adapt").orElse(base.alwaysAdapt()),
        json.bool("trust_clip").orElse(base.trustClip()));
  }

  private static Muon.Adjust adjust(JsonObject json, String text) {
    return switch (text) {
      case "original" -> Muon.Adjust.ORIGINAL;
      case "match_rms_adamw" -> Muon.Adjust.MATCH_RMS_ADAMW;
      default -> throw json.wrong("adjust", "original or match_rms_adamw", text);
    };
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
