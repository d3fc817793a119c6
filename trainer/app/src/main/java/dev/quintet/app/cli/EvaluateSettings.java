package dev.quintet.app.cli;

import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.loop.Trainer;
import dev.quintet.trainer.metric.Metric;
import dev.quintet.trainer.score.Metrics;
import java.util.List;

/// The settings of `train` that say what an evaluation measures beside the loss: the object `evaluate`, and by which score the
/// best model is chosen.
///
/// @param settings all of them
record EvaluateSettings(SettingsJson settings) {
  private static final List<String> KEYS = List.of("generate", "rank", "metrics", "examples");

  /// Gives a trainer what the settings say.
  ///
  /// @param generation the model's own options, over which those of `generate` are laid
  void apply(Trainer trainer, GenerationConfig generation) {
    JsonObject json = settings.json();
    json.object("evaluate").ifPresent(evaluate -> apply(trainer, generation, evaluate));
    json.string("select").ifPresent(trainer::select);
    settings.integer(TrainKey.PATIENCE, trainer::patience);
    settings.number(TrainKey.MIN_DELTA, trainer::minDelta);
  }

  /// The metrics that settings of `train` name for their evaluations.
  static List<Metric> metrics(JsonObject train) {
    return train.object("evaluate").map(evaluate -> metrics(evaluate, "metrics")).orElse(List.of());
  }

  /// The metrics of a list; none where it is not there.
  ///
  /// @throws IllegalArgumentException that names the key
  static List<Metric> metrics(JsonObject json, String key) {
    try {
      return Metrics.of(json.list(key).orElse(List.of()));
    } catch (IllegalArgumentException e) {
      String said = String.valueOf(e.getMessage());
      throw said.startsWith(json.source())
          ? e
          : new IllegalArgumentException(
              "%s: the key \"%s\": %s".formatted(json.source(), key, said), e);
    }
  }

  /// A model's options of generation with those that a user gives over them, each of which has to mean something.
  ///
  /// @throws IllegalArgumentException if there is no such option, its value does not suit it, or it is not supported
  static GenerationConfig laid(GenerationConfig generation, JsonObject options) {
    options.keys().forEach(GenerationConfig::requireOption);
    GenerationConfig all = generation.with(options);
    all.unsupported()
        .ifPresent(key -> {
          throw new IllegalArgumentException("%s is not supported: leave it out".formatted(key));
        });
    return all;
  }

  private static void apply(Trainer trainer, GenerationConfig generation, JsonObject evaluate) {
    SettingsJson.refuseUnknown(evaluate, " in \"evaluate\"", KEYS);
    if (evaluate.has("generate") && evaluate.has("rank")) {
      throw new IllegalArgumentException(
          "%s: answers are generated or ranked, so \"generate\" and \"rank\" in \"evaluate\" exclude each other"
              .formatted(evaluate.source()));
    }
    evaluate
        .object("generate")
        .ifPresent(options -> {
          try {
            trainer.answers(laid(generation, options));
          } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                "%s: \"generate\" in \"evaluate\": %s".formatted(evaluate.source(), e.getMessage()),
                e);
          }
        });
    evaluate
        .list("rank")
        .ifPresent(labels ->
            trainer.rank(List.of(SettingsJson.texts(evaluate, "rank", labels, "labels"))));
    trainer.metrics(metrics(evaluate, "metrics").toArray(Metric[]::new));
    evaluate
        .integer("examples")
        .ifPresent(most -> {
          if (most < 1) {
            throw evaluate.wrong("examples\" in \"evaluate", "at least 1", most);
          }
          trainer.examples(most);
        });
  }
}
