package dev.quintet.app.cli;

import dev.quintet.app.recipe.Recipe;
import dev.quintet.models.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/// What changes in the settings of `train` for each task and each method of `compare-tuning`.
final class TuningLayers {
  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

  /// What a task may not change: it is the method's, or the same for all.
  private static final List<String> NOT_A_TASKS =
      List.of("out", "seed", "model", "config", "tokenizer", "freeze", "unfreeze", "adapter");

  /// What a method may not change, so that all are compared on the same rows by the same score.
  private static final List<String> NOT_A_METHODS =
      List.of(
          "out",
          "seed",
          "model",
          "config",
          "tokenizer",
          "recipe",
          "objective",
          "train",
          "validation",
          "test",
          "data",
          "tasks",
          "mixture",
          "source_field",
          "target_field",
          "max_source",
          "max_target",
          "evaluate",
          "evaluate_every",
          "select",
          "warm_start",
          "head",
          "labels");

  private TuningLayers() {}

  /// The tasks, each with the settings of its recipe below its own.
  static SequencedMap<String, JsonObject> tasks(JsonObject json) {
    JsonObject named = json.required("tasks", JsonObject::object);
    var tasks = new LinkedHashMap<String, JsonObject>();
    for (String name : named.keysAsWritten()) {
      requireName(json, "tasks", name);
      JsonObject task = named.required(name, JsonObject::object);
      refuse(json, "tasks\" in the task \"" + name, task, NOT_A_TASKS);
      Optional<String> recipe = task.string(RecipeSettings.KEY);
      if (recipe.isPresent()) {
        var rest = new TreeMap<>(task.values());
        rest.remove(RecipeSettings.KEY);
        task =
            Overrides.over(
                Recipe.named(recipe.get()).settings(), JsonObject.of(task.source(), rest));
      }
      tasks.put(name, task);
    }
    if (tasks.isEmpty()) {
      throw json.wrong("tasks", "at least one task", "{}");
    }
    return tasks;
  }

  /// The methods, each known one with what is known of it below what the file says.
  static SequencedMap<String, JsonObject> methods(JsonObject json, KnownMethods known) {
    var methods = new LinkedHashMap<String, JsonObject>();
    Object given = json.value("methods").orElse(KnownMethods.STANDARD);
    switch (given) {
      case List<?> names -> {
        for (Object name : names) {
          if (!(name instanceof String text) || !known.names().contains(text)) {
            throw json.wrong(
                "methods",
                "known names (%s), or an object that says what others are"
                    .formatted(String.join(", ", known.names())),
                name);
          }
          methods.put(text, known.settings(text));
        }
      }
      case JsonObject named -> {
        for (String name : named.keysAsWritten()) {
          requireName(json, "methods", name);
          JsonObject method = named.required(name, JsonObject::object);
          refuse(json, "methods\" in the method \"" + name, method, NOT_A_METHODS);
          methods.put(name, Overrides.over(known.settings(name), method));
        }
      }
      default -> throw json.wrong("methods", "a list of names, or an object", given);
    }
    if (methods.isEmpty()) {
      throw json.wrong("methods", "at least one method", "none");
    }
    return methods;
  }

  private static void requireName(JsonObject json, String key, String name) {
    if (!name.matches(NAME)) {
      throw json.wrong(
          key, "names of letters, digits, dots, hyphens and low lines, for folders", name);
    }
  }

  /// Refuses keys that have no place in some settings, with the reason.
  ///
  /// @param where they stand
  static void refuse(JsonObject json, String where, JsonObject settings, List<String> keys) {
    for (String key : keys) {
      if (settings.has(key)) {
        throw new IllegalArgumentException(
            "%s: \"%s\" has no \"%s\" here: %s"
                .formatted(
                    json.source(),
                    where,
                    key,
                    switch (key) {
                      case "out" -> "each training has a folder of its own in the comparison's";
                      case "seed" -> "\"seeds\" names them";
                      case "test" -> "each task names its own";
                      default -> "it is to be the same for all, or comes from elsewhere";
                    }));
      }
    }
  }
}
