package dev.quintet.app.cli;

import dev.quintet.core.shape.Device;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.hub.ModelPlaces;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.models.t5.T5ConfigFile;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.dual.SeparateTokenizers;
import dev.quintet.trainer.head.HeadKind;
import dev.quintet.trainer.head.TaskModel;
import dev.quintet.trainer.loop.Trainer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// The settings of `train` that say which model is trained.
///
/// @param settings all of them
record ModelSettings(SettingsJson settings) {
  private static final int ROW_MULTIPLE = 128;

  /// Refuses both a model and a configuration, or neither; and labels without a head.
  void check() {
    settings.either("model", "config");
    JsonObject json = settings.json();
    json.string("head")
        .filter(head -> !HeadKind.keys().contains(head))
        .ifPresent(head -> {
          throw json.wrong("head", "one of " + HeadKind.keys(), head);
        });
    json.list("labels")
        .ifPresent(labels -> {
          SettingsJson.texts(json, "labels", labels, "names");
          if (!json.has("head")) {
            throw new IllegalArgumentException(
                "%s: the key \"labels\" is for a \"head\" alone".formatted(json.source()));
          }
        });
  }

  /// Gives a trainer the head that the settings name, if they name one.
  void head(Trainer trainer) {
    JsonObject json = settings.json();
    List<?> labels = json.list("labels").orElse(List.of());
    json.string("head")
        .ifPresent(head ->
            trainer.head(
                HeadKind.named(head),
                List.of(SettingsJson.texts(json, "labels", labels, "names"))));
  }

  /// Whether the model is a saved one with a task's head.
  boolean hasHead() {
    return settings.json().has("model") && TaskModel.isAt(folder());
  }

  /// The saved model with a task's head, which brings its labels and its tokenizer.
  ///
  /// @throws IllegalArgumentException if the settings name another head, labels or tokenizer
  TaskModel task(Device device) {
    for (String key : List.of("head", "labels", "tokenizer", "target_tokenizer")) {
      if (settings.json().has(key)) {
        throw new IllegalArgumentException(
            "%s: the model in %s has a head already, with its labels and its tokenizer: leave out the key \"%s\""
                .formatted(settings.json().source(), folder(), key));
      }
    }
    return TaskModel.load(folder(), device);
  }

  private Path folder() {
    Path folder = ModelPlaces.fromEnvironment().find(settings.path("model").toString());
    Checkpoint.check(folder);
    return folder;
  }

  /// The model that is trained, loaded or made.
  TextToText model(Device device) {
    JsonObject json = settings.json();
    var places = ModelPlaces.fromEnvironment();
    Optional<Path> given = json.string("tokenizer").map(places::find);
    Optional<Path> target = json.string("target_tokenizer").map(places::find);
    if (json.has("model")) {
      if (target.isPresent()) {
        throw new IllegalArgumentException(
            "%s: the key \"target_tokenizer\" is for a model from a \"config\", whose encoder and decoder then get a vocabulary each; the model in %s has its own: leave the key out"
                .formatted(json.source(), folder()));
      }
      TextToText whole = TextToText.load(folder(), device);
      return given
          .map(path -> TextToText.of(whole.model(), Tokenizer.loadT5(path), whole.generation()))
          .orElse(whole);
    }
    Tokenizer read =
        Tokenizer.loadT5(
            given.orElseThrow(() ->
                settings.missing("tokenizer", "a model from a \"config\" has none of its own")));
    Tokenizer tokenizer =
        target
            .<Tokenizer>map(path -> new SeparateTokenizers(read, Tokenizer.loadT5(path)))
            .orElse(read);
    long seed = json.whole("seed").orElse(0L);
    return TextToText.of(T5.create(config(tokenizer), seed, device), tokenizer);
  }

  /// Sizes from an object with the keys of a `config.json`, or from such a file.
  private T5Config config(Tokenizer tokenizer) {
    JsonObject json = settings.json();
    Object value = json.value("config").orElseThrow();
    JsonObject sizes =
        switch (value) {
          case String file -> JsonObject.read(Path.of(file));
          case JsonObject object -> object;
          default -> throw json.wrong("config", "an object of sizes or a file's name", value);
        };
    if (value instanceof JsonObject) {
      Set<String> known = T5ConfigFile.write(T5Config.small()).keys();
      SettingsJson.refuseUnknown(sizes, " in \"config\"", List.copyOf(known));
    }
    var keys = new TreeMap<String, Object>();
    int rows = rows(tokenizer);
    keys.put("model_type", "t5");
    keys.put("vocab_size", (long) rows);
    tokenizer.padId().ifPresent(id -> keys.put("pad_token_id", (long) id));
    tokenizer.padId().ifPresent(id -> keys.put("decoder_start_token_id", (long) id));
    tokenizer.eosId().ifPresent(id -> keys.put("eos_token_id", (long) id));
    sizes.keys().forEach(key -> keys.put(key, sizes.value(key).orElseThrow()));
    T5Config one = T5ConfigFile.of(JsonObject.of(keys)).withoutWeights();
    T5Config config =
        tokenizer.source() == tokenizer ? one : one.withSourceVocabSize(rows(tokenizer.source()));
    return json.number("dropout").map(p -> config.withDropout(p.floatValue())).orElse(config);
  }

  private static int rows(Tokenizer tokenizer) {
    return (tokenizer.vocabularySize() + ROW_MULTIPLE - 1) / ROW_MULTIPLE * ROW_MULTIPLE;
  }
}
