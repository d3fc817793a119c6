package dev.quintet.app.cli;

import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.models.hub.ModelPlaces;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.models.t5.T5ConfigFile;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.data.TextPair;
import dev.quintet.trainer.loop.Trainer;
import dev.quintet.trainer.objective.SpanCorruption;
import dev.quintet.trainer.optim.Adafactor;
import dev.quintet.trainer.optim.AdamW;
import dev.quintet.trainer.optim.Optimizer;
import dev.quintet.trainer.optim.OptimizerSettings;
import dev.quintet.trainer.schedule.LearningRate;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// The settings of `train`: a JSON file with the keys of [TrainKey], each checked by name, type and range.
///
/// Paths are relative to where the command runs. What is left out has the default of [Trainer].
final class TrainSettings {
  private static final int ROW_MULTIPLE = 128;

  private final JsonObject json;

  private TrainSettings(JsonObject json) {
    this.json = json;
  }

  /// Reads a file and checks its keys.
  ///
  /// @throws IllegalArgumentException that names the key that is wrong
  static TrainSettings read(Path file) {
    JsonObject json = JsonObject.read(file);
    refuseUnknown(json, "", TrainKey.keys());
    TrainKey.check(json);
    var settings = new TrainSettings(json);
    settings.either("model", "config");
    settings.either("steps", "epochs");
    settings.path("train");
    settings.refuseOtherObjectives();
    settings.out();
    return settings;
  }

  /// Where everything goes.
  Path out() {
    if (json.string("out").filter(String::isBlank).isPresent()) {
      throw json.wrong("out", "a folder's name, the current one's being \".\"", "\"\"");
    }
    return path("out");
  }

  // ---- the model ----

  /// The model that is trained, loaded or made.
  TextToText model(Device device) {
    var places = ModelPlaces.fromEnvironment();
    Optional<Path> given = json.string("tokenizer").map(places::find);
    if (json.has("model")) {
      Path folder = places.find(path("model").toString());
      TextToText whole = TextToText.load(folder, device);
      return given
          .map(path -> TextToText.of(whole.model(), Tokenizer.loadT5(path), whole.generation()))
          .orElse(whole);
    }
    Tokenizer tokenizer =
        Tokenizer.loadT5(
            given.orElseThrow(
                () -> missing("tokenizer", "a model from a \"config\" has none of its own")));
    return TextToText.of(T5.create(config(tokenizer), seed(), device), tokenizer);
  }

  /// Sizes from an object with the keys of a `config.json`, or from such a file.
  private T5Config config(Tokenizer tokenizer) {
    Object value = json.value("config").orElseThrow();
    JsonObject sizes =
        switch (value) {
          case String file -> JsonObject.read(Path.of(file));
          case JsonObject object -> object;
          default -> throw json.wrong("config", "an object of sizes or a file's name", value);
        };
    if (value instanceof JsonObject) {
      Set<String> known = T5ConfigFile.write(T5Config.small()).keys();
      refuseUnknown(sizes, " in \"config\"", List.copyOf(known));
    }
    var keys = new TreeMap<String, Object>();
    int rows = (tokenizer.vocabularySize() + ROW_MULTIPLE - 1) / ROW_MULTIPLE * ROW_MULTIPLE;
    keys.put("model_type", "t5");
    keys.put("vocab_size", (long) rows);
    tokenizer.padId().ifPresent(id -> keys.put("pad_token_id", (long) id));
    tokenizer.padId().ifPresent(id -> keys.put("decoder_start_token_id", (long) id));
    tokenizer.eosId().ifPresent(id -> keys.put("eos_token_id", (long) id));
    sizes.keys().forEach(key -> keys.put(key, sizes.value(key).orElseThrow()));
    T5Config config = T5ConfigFile.of(JsonObject.of(keys)).withoutWeights();
    return json.number("dropout").map(p -> config.withDropout(p.floatValue())).orElse(config);
  }

  // ---- data and numbers ----

  /// Gives a trainer all that the file says.
  Trainer apply(Trainer trainer) {
    data(trainer);
    json.whole("steps").ifPresent(trainer::steps);
    number("epochs", trainer::epochs);
    integer("batch_size", trainer::batchSize);
    integer("accumulation", trainer::accumulation);
    trainer.maxLengths(
        json.integer("max_source").orElse(512), json.integer("max_target").orElse(128));
    optimizer().ifPresent(trainer::optimizer);
    number("learning_rate", trainer::learningRate);
    json.string("schedule").map(this::shape).ifPresent(trainer::schedule);
    json.whole("warmup").ifPresent(trainer::warmup);
    number("weight_decay", trainer::weightDecay);
    number("clip", trainer::clip);
    number("dropout", trainer::dropout);
    json.string("dtype").map(this::type).ifPresent(trainer::type);
    json.bool("checkpointing").ifPresent(trainer::checkpointing);
    json.list("freeze").ifPresent(list -> trainer.freeze(patterns(json, "freeze", list)));
    json.object("unfreeze").ifPresent(steps -> unfreeze(steps, trainer));
    trainer.seed(seed());
    json.whole("save_every").ifPresent(trainer::saveEvery);
    json.whole("evaluate_every").ifPresent(trainer::evaluateEvery);
    return trainer;
  }

  private DType type(String name) {
    return switch (name) {
      case "f32" -> DType.F32;
      case "bf16" -> DType.BF16;
      default -> throw json.wrong("dtype", "f32 or bf16", name);
    };
  }

  private void data(Trainer trainer) {
    String objective = json.string("objective").orElse("seq2seq");
    Optional<Path> validation = json.string("validation").map(Path::of);
    switch (objective) {
      case "seq2seq" -> {
        String source = json.string("source_field").orElse("source");
        String target = json.string("target_field").orElse("target");
        trainer.data(
            pairs(path("train"), source, target),
            validation.map(file -> pairs(file, source, target)).orElse(Pairs.of(List.of())));
      }
      case "span_corruption" -> {
        String field = json.string("source_field").orElse("text");
        trainer.documents(
            texts(path("train"), field),
            validation.map(file -> texts(file, field)).orElse(List.of()));
        trainer.spans(
            json.number(TrainKey.NOISE_DENSITY.key()).orElse(SpanCorruption.DENSITY),
            json.number(TrainKey.MEAN_SPAN.key()).orElse(SpanCorruption.MEAN_SPAN));
      }
      default -> throw json.wrong("objective", "seq2seq or span_corruption", objective);
    }
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

  /// What one objective alone reads.
  private void refuseOtherObjectives() {
    boolean spans = json.string("objective").orElse("seq2seq").equals("span_corruption");
    for (TrainKey key : List.of(TrainKey.NOISE_DENSITY, TrainKey.MEAN_SPAN)) {
      if (!spans && json.has(key.key())) {
        throw new IllegalArgumentException(
            "%s: the key \"%s\" is for the objective span_corruption alone"
                .formatted(json.source(), key.key()));
      }
    }
  }

  /// Keys that change nothing here, a message each.
  List<String> remarks() {
    boolean spans = json.string("objective").orElse("seq2seq").equals("span_corruption");
    return spans
        ? Stream.of("target_field", "max_target")
            .filter(json::has)
            .map(key -> key + " changes nothing: targets are what span_corruption hides")
            .toList()
        : List.of();
  }

  private static List<String> texts(Path file, String field) {
    return pairs(file, field, field).list().stream().map(TextPair::source).toList();
  }

  /// A name, or an object with a name and constants.
  private Optional<Optimizer.Options> optimizer() {
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
      default -> throw json.wrong("schedule", "linear, cosine, constant or inverse_sqrt", name);
    };
  }

  private void unfreeze(JsonObject steps, Trainer trainer) {
    for (String step : steps.keys()) {
      if (!step.matches("[0-9]{1,18}")) {
        throw json.wrong("unfreeze", "an object from steps to lists of patterns", step);
      }
      List<?> list = steps.list(step).orElseThrow();
      trainer.unfreeze(Long.parseLong(step), patterns(steps, step, list));
    }
  }

  private static String[] patterns(JsonObject json, String key, List<?> list) {
    return list.stream()
        .map(item -> {
          if (item instanceof String pattern) {
            return pattern;
          }
          throw json.wrong(key, "a list of patterns", item);
        })
        .toArray(String[]::new);
  }

  private long seed() {
    return json.whole("seed").orElse(0L);
  }

  // ---- reading and checking ----

  private void integer(String key, Consumer<Integer> use) {
    json.integer(key).ifPresent(use);
  }

  private void number(String key, Consumer<Double> use) {
    json.number(key).ifPresent(use);
  }

  private Path path(String key) {
    return Path.of(json.string(key).orElseThrow(() -> missing(key, "it names a path")));
  }

  private void either(String one, String other) {
    if (json.has(one) && json.has(other)) {
      throw new IllegalArgumentException(
          "%s: the keys \"%s\" and \"%s\" exclude each other".formatted(json.source(), one, other));
    }
    if (!json.has(one) && !json.has(other)) {
      throw new IllegalArgumentException(
          "%s: one of the keys \"%s\" and \"%s\" is needed".formatted(json.source(), one, other));
    }
  }

  private IllegalArgumentException missing(String key, String why) {
    return new IllegalArgumentException(
        "%s: the key \"%s\" is needed: %s".formatted(json.source(), key, why));
  }

  private static void refuseUnknown(JsonObject json, String where, List<String> known) {
    for (String key : json.keys()) {
      if (!known.contains(key)) {
        throw new IllegalArgumentException(
            "%s: unknown key \"%s\"%s%s (train --help lists all)"
                .formatted(json.source(), key, where, KeyHint.of(key, known)));
      }
    }
  }
}
