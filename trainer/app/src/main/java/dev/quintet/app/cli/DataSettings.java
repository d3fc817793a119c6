package dev.quintet.app.cli;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.data.TextPair;
import dev.quintet.trainer.loop.Trainer;
import dev.quintet.trainer.objective.SpanCorruption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The settings of `train` that say what it learns from.
///
/// @param settings all of them
record DataSettings(SettingsJson settings) {

  /// Refuses settings without data, and keys of another objective.
  void check() {
    settings.path("train");
    refusePacking();
    for (TrainKey key : List.of(TrainKey.NOISE_DENSITY, TrainKey.MEAN_SPAN)) {
      if (!spans() && settings.json().has(key.key())) {
        throw new IllegalArgumentException(
            "%s: the key \"%s\" is for the objective span_corruption alone"
                .formatted(settings.json().source(), key.key()));
      }
    }
  }

  private void refusePacking() {
    if (spans() && settings.json().bool(TrainKey.PACKING.key()).orElse(false)) {
      throw new IllegalArgumentException(
          "%s: the key \"packing\" is for pairs; pieces of running text are as long as a row already"
              .formatted(settings.json().source()));
    }
  }

  /// Gives a trainer its data.
  void apply(Trainer trainer) {
    JsonObject json = settings.json();
    Optional<Path> validation = json.string("validation").map(Path::of);
    Path train = settings.path("train");
    if (!spans()) {
      String source = json.string("source_field").orElse("source");
      String target = json.string("target_field").orElse("target");
      trainer.data(
          pairs(train, source, target),
          validation.map(file -> pairs(file, source, target)).orElse(Pairs.of(List.of())));
      json.bool(TrainKey.PACKING.key()).ifPresent(trainer::packing);
      return;
    }
    String field = json.string("source_field").orElse("text");
    trainer.documents(
        texts(train, field), validation.map(file -> texts(file, field)).orElse(List.of()));
    trainer.spans(
        json.number(TrainKey.NOISE_DENSITY.key()).orElse(SpanCorruption.DENSITY),
        json.number(TrainKey.MEAN_SPAN.key()).orElse(SpanCorruption.MEAN_SPAN));
  }

  /// Keys that change nothing here, a message each.
  List<String> remarks() {
    return spans()
        ? Stream.of("target_field", "max_target")
            .filter(settings.json()::has)
            .map(key -> key + " changes nothing: targets are what span_corruption hides")
            .toList()
        : List.of();
  }

  private boolean spans() {
    String objective = settings.json().string("objective").orElse("seq2seq");
    return switch (objective) {
      case "seq2seq" -> false;
      case "span_corruption" -> true;
      default -> throw settings.json().wrong("objective", "seq2seq or span_corruption", objective);
    };
  }

  /// Rows of a file, of which there have to be some.
  private static Pairs pairs(Path file, String source, String target) {
    Pairs pairs = Pairs.jsonl(file, source, target);
    if (pairs.size() == 0) {
      throw new IllegalArgumentException(
          file
              + " holds no rows; expected JSON objects, one a line (no validation at all needs no file)");
    }
    return pairs;
  }

  private static List<String> texts(Path file, String field) {
    return pairs(file, field, field).list().stream().map(TextPair::source).toList();
  }
}
