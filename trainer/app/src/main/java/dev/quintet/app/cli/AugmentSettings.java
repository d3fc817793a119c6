package dev.quintet.app.cli;

import dev.quintet.app.augment.JavaNames;
import dev.quintet.models.hub.ModelPlaces;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.augment.Augmenter;
import dev.quintet.trainer.augment.BackTranslation;
import dev.quintet.trainer.augment.Draw;
import dev.quintet.trainer.augment.NewNames;
import dev.quintet.trainer.augment.Synonyms;
import dev.quintet.trainer.augment.WordEdits;
import dev.quintet.trainer.prepare.Augmentation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/// How rows to train on are augmented: the object `augment` of `data`.
///
/// @param json the object
record AugmentSettings(JsonObject json) {
  private static final List<String> KEYS =
      List.of("eda", "identifiers", "back_translation", "copies", "columns", "seed", "each_epoch");

  /// Refuses what is wrong without opening a model.
  AugmentSettings check() {
    known(json, "augment", KEYS);
    if (!json.has("eda") && !json.has("identifiers") && !json.has("back_translation")) {
      throw new IllegalArgumentException(
          json.source()
              + ": \"augment\" names nothing to do; expected one of eda, identifiers and back_translation");
    }
    var _ = augmentation();
    var _ = eachEpoch();
    return this;
  }

  /// Whether copies are made anew for each epoch.
  boolean eachEpoch() {
    return json.bool("each_epoch").orElse(false);
  }

  /// The augmentation; models are opened when the first row comes.
  Augmentation augmentation() {
    var augmenters = new ArrayList<Augmenter>();
    if (json.value("eda").filter(Boolean.class::isInstance).isPresent()) {
      if (json.bool("eda").orElse(false)) {
        augmenters.add(WordEdits.of(Optional.empty()));
      }
    } else {
      json.object("eda").map(AugmentSettings::edits).ifPresent(augmenters::add);
    }
    if (json.bool("identifiers").orElse(false)) {
      augmenters.add(new NewNames(new JavaNames()));
    }
    json.object("back_translation").map(AugmentSettings::translated).ifPresent(augmenters::add);
    Optional<Integer> copies = json.integer("copies");
    copies
        .filter(count -> count < 1 || count > 1000)
        .ifPresent(count -> {
          throw json.wrong("copies", "a whole number from 1 to 1,000", count);
        });
    if (augmenters.isEmpty()) {
      throw json.wrong("eda", "true or an object, or another key of augment", false);
    }
    return new Augmentation(
        augmenters,
        copies.map(OptionalInt::of).orElse(OptionalInt.empty()),
        json.list("columns")
            .map(list -> List.of(SettingsJson.texts(json, "columns", list, "columns")))
            .orElse(List.of()),
        json.whole("seed").orElse(0L));
  }

  private static Augmenter edits(JsonObject eda) {
    known(eda, "eda", List.of("edits", "alpha", "synonyms"));
    Optional<Synonyms> synonyms = eda.string("synonyms").map(Path::of).map(Synonyms::read);
    List<String> words = Arrays.stream(WordEdits.Kind.values()).map(WordEdits.Kind::word).toList();
    try {
      if (!eda.has("edits") && !eda.has("alpha")) {
        return WordEdits.of(synonyms);
      }
      List<WordEdits.Kind> kinds =
          eda.list("edits")
              .map(list ->
                  Arrays.stream(SettingsJson.texts(eda, "edits", list, "edits"))
                      .map(word -> {
                        if (!words.contains(word)) {
                          throw eda.wrong("edits", "a list of " + words, word);
                        }
                        return WordEdits.Kind.valueOf(word.toUpperCase(Locale.ROOT));
                      })
                      .toList())
              .orElse(
                  List.of(WordEdits.Kind.values())
                      .subList(0, synonyms.isPresent() ? words.size() : 2));
      return new WordEdits(kinds, eda.number("alpha").orElse(WordEdits.ALPHA), synonyms);
    } catch (IllegalArgumentException e) {
      String said = String.valueOf(e.getMessage());
      throw said.startsWith(eda.source())
          ? e
          : new IllegalArgumentException(eda.source() + ": \"eda\" in \"augment\": " + said, e);
    }
  }

  private static Augmenter translated(JsonObject how) {
    known(
        how, "back_translation", List.of("there", "back", "there_prefix", "back_prefix", "beams"));
    how.integer("beams")
        .filter(beams -> beams < 1)
        .ifPresent(beams -> {
          throw how.wrong("beams", "at least 1", beams);
        });
    return new Folders(
        folder(how, "there"),
        how.string("there_prefix").orElse(""),
        folder(how, "back"),
        how.string("back_prefix").orElse(""),
        how.integer("beams"));
  }

  private static Path folder(JsonObject how, String key) {
    return ModelPlaces.fromEnvironment().find(how.required(key, JsonObject::string));
  }

  private static void known(JsonObject json, String where, List<String> keys) {
    for (String key : json.keys()) {
      if (!keys.contains(key)) {
        throw new IllegalArgumentException(
            "%s: unknown key \"%s\" of \"%s\"%s (data --help lists all)"
                .formatted(json.source(), key, where, KeyHint.of(key, keys)));
      }
    }
  }

  /// Translation by models in folders, which are opened for the first text and closed behind the last.
  private static final class Folders implements Augmenter {
    private final Path there;
    private final String therePrefix;
    private final Path back;
    private final String backPrefix;
    private final Optional<Integer> beams;
    private final List<TextToText> open = new ArrayList<>();
    private Optional<Augmenter> by = Optional.empty();

    Folders(Path there, String therePrefix, Path back, String backPrefix, Optional<Integer> beams) {
      this.there = there;
      this.therePrefix = therePrefix;
      this.back = back;
      this.backPrefix = backPrefix;
      this.beams = beams;
    }

    @Override
    public Outcome change(String text, Draw draw) {
      if (by.isEmpty()) {
        by = Optional.of(new BackTranslation(way(there, therePrefix), way(back, backPrefix)));
      }
      return by.get().change(text, draw);
    }

    private BackTranslation.Translation way(Path folder, String prefix) {
      TextToText model = TextToText.load(folder);
      open.add(model);
      return beams
          .map(count -> BackTranslation.searched(model, prefix, count))
          .orElseGet(() -> BackTranslation.sampled(model, prefix));
    }

    @Override
    public void done() {
      open.forEach(TextToText::close);
      open.clear();
      by = Optional.empty();
    }
  }
}
