package dev.quintet.app.cli;

import dev.quintet.core.nn.NearNames;
import dev.quintet.models.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What the files of `search`, `cross-validate` and `compare-tuning` have in common: settings of `train` inside, and a folder.
final class SubjectKeys {
  private SubjectKeys() {}

  /// Refuses keys that are not known, by name and with the nearest.
  static void refuseUnknown(JsonObject json, Map<String, String> keys, String command) {
    for (String key : json.keys()) {
      if (!keys.containsKey(key)) {
        List<String> near = NearNames.close(key, List.copyOf(keys.keySet()));
        throw new IllegalArgumentException(
            "%s: unknown key \"%s\"%s (%s --help lists all)"
                .formatted(
                    json.source(),
                    key,
                    near.isEmpty()
                        ? ""
                        : "; did you mean \"" + String.join("\" or \"", near) + "\"?",
                    command));
      }
    }
  }

  /// The settings of `train`, in the file or in one of their own, with those of the recipe that they name; their `out` is
  /// passed over.
  ///
  /// @param dealt whether validation and test part are dealt from the rows of `train`, so that those of a recipe's own rows are
  ///     left aside
  static JsonObject train(JsonObject json, boolean dealt) {
    Object value =
        json.value("train")
            .orElseThrow(() ->
                new IllegalArgumentException(
                    json.source()
                        + ": the key \"train\" is needed: the settings of train, or their file"));
    JsonObject settings =
        switch (value) {
          case String file -> JsonObject.read(Path.of(file));
          case JsonObject object -> object;
          default -> throw json.wrong("train", "the settings of train, or their file", value);
        };
    JsonObject resolved = resolved(settings.with("out", out(json).toString()), dealt);
    var without = new TreeMap<>(resolved.values());
    without.remove("out");
    return JsonObject.of(resolved.source(), without);
  }

  private static JsonObject resolved(JsonObject settings, boolean dealt) {
    Optional<String> name = settings.string(RecipeSettings.KEY);
    if (name.isEmpty()) {
      return settings;
    }
    var recipe = RecipeSettings.of(settings, name.get(), false);
    try {
      JsonObject resolved = recipe.resolved();
      if (!recipe.practises()) {
        return resolved;
      }
      System.err.printf(
          "the recipe %s on rows of its own, since neither a model nor data is named, with a small model from random weights%n",
          name.get());
      if (!dealt) {
        return resolved;
      }
      System.err.println(
          "its rows for training are dealt; those for validation and test are left aside");
      var values = new TreeMap<>(resolved.values());
      List.of("validation", "test").stream()
          .filter(part -> !settings.has(part))
          .forEach(values::remove);
      return JsonObject.of(resolved.source(), values);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Where everything goes.
  static Path out(JsonObject json) {
    String out =
        json.string("out")
            .orElseThrow(() ->
                new IllegalArgumentException(
                    json.source() + ": the key \"out\" is needed: a folder"));
    if (out.isBlank()) {
      throw json.wrong("out", "a folder's name, the current one's being \".\"", out);
    }
    return Path.of(out);
  }
}
