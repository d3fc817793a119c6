package dev.quintet.app.cli;

import dev.quintet.app.demo.SourceTree;
import dev.quintet.app.recipe.Recipe;
import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.models.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The settings of `train` from a recipe, a file and the command line, each laid over those before it.
///
/// A recipe is named by `--recipe` or by the file's key `recipe`. Where nobody names a model or data, it runs on rows of its
/// own, which are written into OUT/rows.
///
/// @param json what the file and the command line say, the recipe left out
/// @param recipe the one that is asked for
/// @param example whether on real input
record RecipeSettings(JsonObject json, Recipe recipe, boolean example) {
  static final String KEY = "recipe";

  /// Reads settings that name a recipe.
  static RecipeSettings of(JsonObject json, String name, boolean example) {
    var rest = new TreeMap<String, Object>(json.values());
    rest.remove(KEY);
    return new RecipeSettings(JsonObject.of(json.source(), rest), Recipe.named(name), example);
  }

  /// Whether the recipe runs on rows of its own.
  boolean practises() {
    return example
        || Stream.of("model", "config", "train").noneMatch(json::has)
            && json.object("data").filter(data -> data.has("files")).isEmpty();
  }

  /// What the recipe and the settings say together. Rows of its own are made if they are not there yet.
  ///
  /// @throws IllegalArgumentException if something else is at their place, or the JDK has no sources
  /// @throws IOException if they cannot be made
  JsonObject resolved() throws IOException {
    Path out = Path.of(json.string("out").orElse("quintet-" + recipe.name()));
    JsonObject settings =
        Overrides.over(recipe.settings(), JsonObject.of(Map.of("out", out.toString())));
    if (practises()) {
      for (JsonObject layer : layers(out.resolve("rows"))) {
        settings = Overrides.over(settings, layer);
      }
    }
    return JsonObject.of(
        "the recipe " + recipe.name() + " with " + json.source(),
        Overrides.over(settings, json).values());
  }

  private List<JsonObject> layers(Path rows) throws IOException {
    if (!example) {
      return recipe.practice(rows);
    }
    try (SourceTree sources = jdk()) {
      return recipe.example(rows, sources, CpuBackend.threads());
    }
  }

  /// The JDK's sources, on which examples run.
  ///
  /// @throws IllegalArgumentException if it came without
  static SourceTree jdk() throws IOException {
    return SourceTree.jdk()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "--example reads the JDK's sources, and this one came without lib/src.zip; install it (often a package"
                    + " of its own, such as openjdk-25-source)"));
  }
}
