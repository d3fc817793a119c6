package dev.quintet.app.recipe;

import dev.quintet.app.demo.SourceTree;
import dev.quintet.models.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

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

  /// What it does, as the end of a sentence.
  public String about() {
    return json.required("about", JsonObject::string);
  }

  /// Whether it has an example on real input.
  public boolean hasExample() {
    return json.has("example");
  }

  /// The settings for a model and data that others bring: all of `train`'s but those, and where it writes.
  public Map<String, Object> settings() {
    return new LinkedHashMap<>(json.required("settings", JsonObject::object).values());
  }

  /// The settings with rows made from templates and a small model with random weights.
  ///
  /// @param folder where the rows lie, or will
  /// @throws IllegalArgumentException if something else is there
  /// @throws IOException if they cannot be written
  public Map<String, Object> practice(Path folder) throws IOException {
    PracticeSet set = set();
    return practice(
        folder,
        "practice",
        name,
        PIECES,
        () -> {
          var rows =
              new EnumMap<PracticeSet.Part, List<SequencedMap<String, Object>>>(
                  PracticeSet.Part.class);
          for (PracticeSet.Part part : PracticeSet.Part.values()) {
            rows.put(part, set.rows(part));
          }
          return rows;
        });
  }

  /// The settings with rows from the methods of Java sources, and a model with random weights.
  ///
  /// @param folder where the rows lie, or will
  /// @param sources such as those of the JDK
  /// @param threads how many read them
  /// @throws IllegalArgumentException if the recipe has no example, or something else is in the folder's place
  /// @throws IOException if they cannot be read or written
  public Map<String, Object> example(Path folder, SourceTree sources, int threads)
      throws IOException {
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
    int pieces =
        json.required("example", JsonObject::object).required("pieces", JsonObject::integer);
    return practice(folder, "example", "jdk-" + name, pieces, () -> rows.rows(sources, threads));
  }

  private Map<String, Object> practice(
      Path folder, String changes, String set, int pieces, PracticeFolder.Source source)
      throws IOException {
    PracticeFolder files = PracticeFolder.in(folder, set, pieces, source);
    Map<String, Object> settings = settings();
    merge(settings, json.required("practice", JsonObject::object));
    if (!changes.equals("practice")) {
      merge(settings, json.required(changes, JsonObject::object));
    }
    settings.remove("pieces");
    settings.remove("epochs");
    settings.putAll(files.settings());
    return settings;
  }

  /// Lays settings over others, objects key by key.
  private static void merge(Map<String, Object> under, JsonObject over) {
    over.values()
        .forEach((key, value) -> {
          if (value instanceof JsonObject object
              && !key.equals("config")
              && under.get(key) instanceof JsonObject old) {
            var merged = new LinkedHashMap<String, Object>(old.values());
            merge(merged, object);
            under.put(key, JsonObject.of(merged));
          } else {
            under.put(key, value);
          }
        });
  }

  private PracticeSet set() {
    return name.equals("classify-head") ? PracticeSet.CLASSIFY : PracticeSet.valueOf(constant());
  }

  private String constant() {
    return name.toUpperCase(Locale.ROOT).replace('-', '_');
  }
}
