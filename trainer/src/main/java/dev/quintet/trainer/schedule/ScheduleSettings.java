package dev.quintet.trainer.schedule;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.schedule.LearningRate.Bend;
import dev.quintet.trainer.schedule.LearningRate.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Schedules as JSON has them, under the names of transformers' `get_scheduler` and of its arguments.
public final class ScheduleSettings {
  /// The names that [#named] knows.
  public static final List<String> NAMES =
      List.of(
          "constant",
          "constant_with_warmup",
          "linear",
          "cosine",
          "cosine_with_min_lr",
          "cosine_warmup_with_min_lr",
          "cosine_with_restarts",
          "polynomial",
          "inverse_sqrt",
          "t5_rsqrt",
          "warmup_stable_decay",
          "reduce_lr_on_plateau");

  private static final long MOST_STEPS = 1L << 40;

  private ScheduleSettings() {}

  /// A schedule by its name alone.
  ///
  /// @param name one of [#NAMES]; `-` counts as `_`, and `inverse_square_root` as `inverse_sqrt`
  /// @param peak the highest rate
  /// @param warmup steps of warm-up
  /// @throws IllegalArgumentException if there is none of this name
  public static LearningRate named(String name, double peak, long warmup) {
    return of(JsonObject.of(Map.of("name", name)), peak, warmup);
  }

  /// A schedule by its name, under `name`, with those constants that other keys give.
  ///
  /// @param peak the highest rate
  /// @param warmup steps of warm-up
  /// @throws IllegalArgumentException that names the key that is wrong or unknown
  public static LearningRate of(JsonObject json, double peak, long warmup) {
    String name =
        json.string("name")
            .map(given -> given.replace('-', '_'))
            .map(given -> given.equals("inverse_square_root") ? "inverse_sqrt" : given)
            .orElseThrow(
                () -> new IllegalArgumentException(json.source() + ": a schedule needs a name"));
    return switch (name) {
      case "constant", "constant_with_warmup" -> {
        only(json, name);
        yield new LearningRate(Shape.CONSTANT, peak, warmup, 0);
      }
      case "linear" -> {
        only(json, name);
        yield new LearningRate(Shape.LINEAR, peak, warmup, 0);
      }
      case "cosine", "cosine_with_min_lr" -> {
        only(json, name, "num_cycles", "min_lr", "min_lr_rate");
        var shape = new LearningRate.Cosine(above(json, "num_cycles", 0.5));
        yield new LearningRate(shape, peak, warmup, floor(json, peak));
      }
      case "cosine_warmup_with_min_lr" -> {
        only(json, name, "num_cycles", "min_lr", "min_lr_rate", "warmup_lr_rate");
        Optional<Double> start =
            json.has("warmup_lr_rate")
                ? Optional.of(between(json, "warmup_lr_rate", 0, 1))
                : Optional.empty();
        var shape = new LearningRate.EarlyCosine(above(json, "num_cycles", 0.5), start);
        yield new LearningRate(shape, peak, warmup, floor(json, peak));
      }
      case "cosine_with_restarts" -> {
        only(json, name, "num_cycles");
        yield new LearningRate(
            new LearningRate.Restarts(above(json, "num_cycles", 1)), peak, warmup, 0);
      }
      case "polynomial" -> {
        only(json, name, "power", "lr_end");
        double end = json.number("lr_end").orElse(Math.min(1e-7, peak / 2));
        if (!(end >= 0 && end < peak)) {
          throw json.wrong("lr_end", "a rate of at least 0 and below the highest, " + peak, end);
        }
        var shape = new LearningRate.Polynomial(above(json, "power", 1), end);
        yield new LearningRate(shape, peak, warmup, 0);
      }
      case "inverse_sqrt" -> {
        only(json, name, "timescale");
        double scale = json.has("timescale") ? above(json, "timescale", 1) : 0;
        yield new LearningRate(new LearningRate.InverseSqrt(scale), peak, warmup, 0);
      }
      case "t5_rsqrt" -> {
        only(json, name);
        yield new LearningRate(new LearningRate.T5(), peak, warmup, 0);
      }
      case "warmup_stable_decay" -> threeParts(json, peak, warmup);
      case "reduce_lr_on_plateau" ->
          new LearningRate(new LearningRate.OnPlateau(plateau(json)), peak, warmup, 0);
      default -> throw json.wrong("name", "one of " + NAMES, name);
    };
  }

  private static LearningRate threeParts(JsonObject json, double peak, long warmup) {
    only(
        json,
        "warmup_stable_decay",
        "num_decay_steps",
        "num_stable_steps",
        "warmup_type",
        "decay_type",
        "min_lr_ratio",
        "num_cycles");
    var shape =
        new LearningRate.WarmupStableDecay(
            steps(json, "num_decay_steps", 1).orElse(0L),
            steps(json, "num_stable_steps", 0),
            bend(json, "warmup_type", Bend.LINEAR),
            bend(json, "decay_type", Bend.COSINE),
            above(json, "num_cycles", 0.5));
    double floor = json.has("min_lr_ratio") ? between(json, "min_lr_ratio", 0, 1) : 0;
    return new LearningRate(shape, peak, warmup, floor);
  }

  private static Plateau.Options plateau(JsonObject json) {
    only(
        json,
        "reduce_lr_on_plateau",
        "factor",
        "patience",
        "threshold",
        "threshold_mode",
        "cooldown",
        "min_lr");
    Plateau.Options base = Plateau.Options.DEFAULT;
    String mode = json.string("threshold_mode").orElse("rel");
    if (!mode.equals("rel") && !mode.equals("abs")) {
      throw json.wrong("threshold_mode", "rel or abs", mode);
    }
    double factor = above(json, "factor", base.factor());
    if (factor >= 1) {
      throw json.wrong("factor", "a number below 1", factor);
    }
    return new Plateau.Options(
        factor,
        count(json, "patience", base.patience()),
        json.has("threshold") ? between(json, "threshold", 0, 1e30) : base.threshold(),
        mode.equals("rel"),
        count(json, "cooldown", base.cooldown()),
        json.has("min_lr") ? between(json, "min_lr", 0, 1e30) : base.least());
  }

  private static double floor(JsonObject json, double peak) {
    if (json.has("min_lr") && json.has("min_lr_rate")) {
      throw new IllegalArgumentException(
          json.source() + ": the keys \"min_lr\" and \"min_lr_rate\" exclude each other");
    }
    if (json.has("min_lr")) {
      double least = between(json, "min_lr", 0, peak);
      return peak == 0 ? 0 : least / peak;
    }
    return json.has("min_lr_rate") ? between(json, "min_lr_rate", 0, 1) : 0;
  }

  private static Bend bend(JsonObject json, String key, Bend otherwise) {
    return json.string(key)
        .map(name ->
            switch (name) {
              case "linear" -> Bend.LINEAR;
              case "cosine" -> Bend.COSINE;
              case "1-sqrt" -> Bend.ONE_MINUS_SQRT;
              default -> throw json.wrong(key, "linear, cosine or 1-sqrt", name);
            })
        .orElse(otherwise);
  }

  private static double above(JsonObject json, String key, double otherwise) {
    double value = json.number(key).orElse(otherwise);
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw json.wrong(key, "a number above 0", value);
    }
    return value;
  }

  private static double between(JsonObject json, String key, double least, double most) {
    double value = json.required(key, JsonObject::number);
    if (!(value >= least && value <= most)) {
      throw json.wrong(key, "a number from " + least + " to " + most, value);
    }
    return value;
  }

  private static int count(JsonObject json, String key, int otherwise) {
    int value = json.integer(key).orElse(otherwise);
    if (value < 0) {
      throw json.wrong(key, "a whole number from 0", value);
    }
    return value;
  }

  private static Optional<Long> steps(JsonObject json, String key, long least) {
    if (!json.has(key)) {
      return Optional.empty();
    }
    long value = json.required(key, JsonObject::whole);
    if (value < least || value > MOST_STEPS) {
      throw json.wrong(key, "a whole number from %d to 2^40".formatted(least), value);
    }
    return Optional.of(value);
  }

  private static void only(JsonObject json, String name, String... keys) {
    List<String> known = List.of(keys);
    for (String key : json.keys()) {
      if (!key.equals("name") && !known.contains(key)) {
        throw new IllegalArgumentException(
            "%s: unknown key \"%s\" of the schedule %s; it takes %s"
                .formatted(
                    json.source(),
                    key,
                    name,
                    known.isEmpty() ? "its name alone" : String.join(", ", known)));
      }
    }
  }
}
