package dev.quintet.app.recipe;

import dev.quintet.app.demo.SourceTree;
import dev.quintet.models.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// Settings of `train` for a usual task: what is right for a pretrained model, and what changes where a small one is
/// trained on rows of its own, from random weights.
public final class Recipe {
  /// The names of all recipes.
  public static final List<String> NAMES =
      List.of(
          "qa",
          "summary",
          "tags",
          "classify",
          "classify-head",
          "closed-book",
          "translate",
          "method-names");

  private static final int PIECES = 500;
  private static final int EXAMPLE_PIECES = 6000;

  private final String name;
  private final JsonObject json;

  private Recipe(String name, JsonObject json) {
    this.name = name;
    this.json = json;
  }

  /// A recipe by its name.
  ///
  /// @throws IllegalArgumentException if there is none, with the names that there are
  public static Recipe named(String name) {
    if (!NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "there is no recipe \"" + name + "\"; there are " + String.join(", ", NAMES));
    }
    String file = name + ".json";
    try (InputStream in = Recipe.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException("the recipe " + name + " is missing in this build");
      }
      return new Recipe(name, JsonObject.read(Path.of(file), in.readAllBytes()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Its name.
  public String name() {
    return name;
  }

  /// What it does, as the end of a sentence.
  public String about() {
    return json.required("about", JsonObject::string);
  }

  /// Whether it has an example on real input.
  public boolean hasExample() {
    return json.has("example");
  }

  /// The settings for a model and data that others bring: all of `train`'s but those, and where it writes.
  public JsonObject settings() {
    return json.required("settings", JsonObject::object);
  }

  /// What changes in the settings for rows made from templates and a small model with random weights: layers, each to be laid
  /// over those before it.
  ///
  /// @param folder where the rows lie, or will
  /// @throws IllegalArgumentException if something else is there
  /// @throws IOException if they cannot be written
  public List<JsonObject> practice(Path folder) throws IOException {
    var files = PracticeFolder.in(folder, name, PIECES, set()::rows);
    return List.of(layer("practice"), files.settings());
  }

  /// What changes for rows from the methods of Java sources, and a model with random weights.
  ///
  /// @param folder where the rows lie, or will
  /// @param sources such as those of the JDK
  /// @param threads how many read them
  /// @throws IllegalArgumentException if the recipe has no example, or something else is in the folder's place
  /// @throws IOException if they cannot be read or written
  public List<JsonObject> example(Path folder, SourceTree sources, int threads) throws IOException {
    if (!hasExample()) {
      throw new IllegalArgumentException(
          "the recipe "
              + name
              + " has no example on real input; those of "
              + String.join(
                  ", ", NAMES.stream().filter(other -> named(other).hasExample()).toList())
              + " have");
    }
    JdkRows rows = JdkRows.valueOf(constant());
    var files =
        PracticeFolder.in(folder, "jdk-" + name, EXAMPLE_PIECES, () -> rows.rows(sources, threads));
    return List.of(layer("practice"), layer("example"), files.settings());
  }

  private JsonObject layer(String key) {
    return json.required(key, JsonObject::object);
  }

  private PracticeSet set() {
    return name.equals("classify-head") ? PracticeSet.CLASSIFY : PracticeSet.valueOf(constant());
  }

  private String constant() {
    return name.toUpperCase(Locale.ROOT).replace('-', '_');
  }
}
