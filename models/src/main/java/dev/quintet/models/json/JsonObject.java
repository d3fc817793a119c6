package dev.quintet.models.json;

import dev.quintet.core.io.MalformedFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// A JSON object whose values are asked for by key and type; `null` counts as absent.
///
/// Values are `Boolean`, `Long`, `Double`, `String`, `List<Object>` and `JsonObject`.
public final class JsonObject {
  private final String source;
  private final Map<String, Object> values;
  private final Map<String, Long> places;

  JsonObject(String source, Map<String, Object> values, Map<String, Long> places) {
    this.source = source;
    this.values = values;
    this.places = places;
  }

  /// Reads a file.
  ///
  /// @throws MalformedFileException if it is not one JSON object without duplicate keys
  /// @throws java.io.UncheckedIOException if it cannot be read
  public static JsonObject read(Path file) {
    return JsonReader.read(file);
  }

  /// Reads the bytes of a file.
  ///
  /// @param file for messages
  /// @throws MalformedFileException if they are not one JSON object without duplicate keys
  public static JsonObject read(Path file, byte[] bytes) {
    return JsonReader.read(file, bytes);
  }

  /// An object with these values, to be written.
  public static JsonObject of(Map<String, ?> values) {
    return new JsonObject("an object", new TreeMap<>(values), Map.of());
  }

  /// This object with another value under a key.
  public JsonObject with(String key, Object value) {
    var changed = new TreeMap<>(values);
    changed.put(key, value);
    return new JsonObject(source, changed, places);
  }

  /// An object with these values.
  ///
  /// @param source where they come from, for messages
  public static JsonObject of(String source, Map<String, ?> values) {
    return new JsonObject(source, new TreeMap<>(values), Map.of());
  }

  /// Reads a text.
  ///
  /// @param source where it comes from, for messages
  /// @throws IllegalArgumentException if it is not one JSON object without duplicate keys
  public static JsonObject parse(String source, String text) {
    return JsonReader.parse(source, text);
  }

  /// The file it was read from, for messages.
  public String source() {
    return source;
  }

  /// The keys that have a value.
  public Set<String> keys() {
    return Collections.unmodifiableSet(values.keySet());
  }

  /// Whether there is a value.
  public boolean has(String key) {
    return values.containsKey(key);
  }

  /// A value of any type.
  public Optional<Object> value(String key) {
    return Optional.ofNullable(values.get(key));
  }

  /// A whole number.
  ///
  /// @throws IllegalArgumentException if the value is none, or does not fit an `int`
  public Optional<Integer> integer(String key) {
    return value(key).map(value -> asInteger(key, value));
  }

  /// A number.
  ///
  /// @throws IllegalArgumentException if the value is none
  public Optional<Double> number(String key) {
    return value(key)
        .map(value -> {
          if (value instanceof Number number) {
            return number.doubleValue();
          }
          throw wrong(key, "a number", value);
        });
  }

  /// A truth value.
  ///
  /// @throws IllegalArgumentException if the value is none
  public Optional<Boolean> bool(String key) {
    return value(key)
        .map(value -> {
          if (value instanceof Boolean truth) {
            return truth;
          }
          throw wrong(key, "true or false", value);
        });
  }

  /// A string.
  ///
  /// @throws IllegalArgumentException if the value is none
  public Optional<String> string(String key) {
    return value(key)
        .map(value -> {
          if (value instanceof String text) {
            return text;
          }
          throw wrong(key, "a string", value);
        });
  }

  /// An object.
  ///
  /// @throws IllegalArgumentException if the value is none
  public Optional<JsonObject> object(String key) {
    return value(key)
        .map(value -> {
          if (value instanceof JsonObject inner) {
            return inner;
          }
          throw wrong(key, "an object", value);
        });
  }

  /// A list.
  ///
  /// @throws IllegalArgumentException if the value is none
  public Optional<List<?>> list(String key) {
    return value(key)
        .map(value -> {
          if (value instanceof List<?> list) {
            return list;
          }
          throw wrong(key, "a list", value);
        });
  }

  /// Whole numbers: a list of them, or one alone.
  ///
  /// @throws IllegalArgumentException if the value is neither
  public Optional<int[]> integers(String key) {
    return value(key).map(value -> asIntegers(key, value));
  }

  /// Rows of whole numbers, each of its own length.
  ///
  /// @throws IllegalArgumentException if the value is no list of lists
  public Optional<int[][]> integerRows(String key) {
    return list(key)
        .map(rows -> {
          var converted = new ArrayList<int[]>();
          for (Object row : rows) {
            converted.add(asIntegers(key, row));
          }
          return converted.toArray(int[][]::new);
        });
  }

  private int[] asIntegers(String key, Object value) {
    if (value instanceof List<?> list) {
      return list.stream().mapToInt(item -> asInteger(key, item)).toArray();
    }
    return new int[] {asInteger(key, value)};
  }

  private int asInteger(String key, Object value) {
    // Python writes 2.0 where a computation gave the number.
    if (value instanceof Number number && number.doubleValue() == number.intValue()) {
      return number.intValue();
    }
    throw wrong(key, "a whole number", value);
  }

  /// The exception for a value that does not fit.
  public IllegalArgumentException wrong(String key, String expected, Object found) {
    return new IllegalArgumentException(
        source
            + ": the key \""
            + key
            + "\" must be "
            + expected
            + ", not "
            + JsonWriter.text(found));
  }

  /// The exception for a file that breaks its format's rules at a key.
  public MalformedFileException malformed(String key, String rule) {
    return new MalformedFileException(Path.of(source), places.getOrDefault(key, 0L), rule);
  }

  /// The object as JSON: keys in alphabetical order, two spaces of indentation, a final line break.
  @Override
  public String toString() {
    return JsonWriter.text(this) + "\n";
  }

  Map<String, Object> values() {
    return values;
  }
}
