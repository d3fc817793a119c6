package dev.quintet.app.cli;

import dev.quintet.app.recipe.Recipe;
import dev.quintet.core.io.JsonText;
import dev.quintet.models.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `recipes`: settings for usual tasks, to look at or to begin with.
@Command(
    name = "recipes",
    description = {
      "Lists recipes: settings of train for usual tasks. train --recipe NAME runs one; without a model and data, on a few"
          + " rows of its own.",
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class RecipesCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "One recipe, whose settings are printed.")
  private @Nullable String name;

  @Option(names = "--print", description = "Print the settings as a file that train takes.")
  private boolean print;

  @Option(
      names = "--rows",
      paramLabel = "FOLDER",
      description = "Write the recipe's own rows there, and print the settings with them.")
  private @Nullable Path rows;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Set a key over the recipe's, as train does.")
  private List<String> set = List.of();

  /// Made by picocli.
  RecipesCommand() {}

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (name == null) {
      if (print || rows != null) {
        throw new IllegalArgumentException(
            "which recipe? There are " + String.join(", ", Recipe.NAMES));
      }
      for (String one : Recipe.NAMES) {
        Recipe recipe = Recipe.named(one);
        out.printf(
            "%-14s %s%s%n",
            one, recipe.about(), recipe.hasExample() ? " (with --example on Java sources)" : "");
      }
      out.flush();
      return 0;
    }
    Recipe recipe = Recipe.named(name);
    JsonObject settings = recipe.settings();
    if (rows != null) {
      for (JsonObject layer : recipe.practice(rows)) {
        settings = Overrides.over(settings, layer);
      }
    }
    JsonObject all = Overrides.set(settings, set);
    if (rows != null && !all.has("out")) {
      all = Overrides.over(all, JsonObject.of(Map.of("out", "quintet-" + recipe.name())));
    }
    out.println(JsonText.of(all));
    out.flush();
    return 0;
  }
}
