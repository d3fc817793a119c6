package dev.quintet.models.json;

import dev.quintet.core.io.JsonText;
import dev.quintet.core.io.MalformedFileException;
import dev.quintet.core.io.StrictJson;
import dev.quintet.core.io.StrictJson.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;

/// A JSON object whose values are asked for by key and type; a key with `null` counts as absent.
///
/// Values are `Boolean`, `Long`, `Double`, `String`, `List<Object>` and `JsonObject`. In a list, whose places count, `null` is
/// [JsonText.Null]; it is none of the types that can be asked for.
public final class JsonObject implements JsonText.Fields {
  private static final long LONGEST = 64L << 20;

  private final String source;
  private final Map<String, Object> values;
  private final Map<String, Long> places;

  private JsonObject(String source, Map<String, Object> values, Map<String, Long> places) {
    this.source = source;
    this.values = values;
    this.places = places;
  }

  /// Reads a file: at most 64 MB of UTF-8, 64 levels, texts of 16 MB, numbers of 32 digits.
  ///
  /// @throws MalformedFileException if it is not one JSON object without duplicate keys
  /// @throws UncheckedIOException if it cannot be read
  public static JsonObject read(Path file) {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      // A device has no size, and no end.
      bytes = in.readNBytes((int) LONGEST + 1);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e, e);
    }
    if (bytes.length > LONGEST) {
      throw new MalformedFileException(
          file, LONGEST, "a JSON file has at most " + LONGEST + " bytes, and this one more");
    }
    return read(file, bytes);
  }

  /// Reads the bytes of a file.
  ///
  /// @param file for messages
  /// @throws MalformedFileException if they are not one JSON object without duplicate keys
  public static JsonObject read(Path file, byte[] bytes) {
    return only(
        file.toString(),
        StrictJson.of(
            MemorySegment.ofArray(bytes),
            StrictJson.Limits.FILE,
            (place, rule) -> new MalformedFileException(file, place, rule)));
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

  /// This object without a key.
  public JsonObject without(String key) {
    var changed = new TreeMap<>(values);
    changed.remove(key);
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
    return only(
        source,
        StrictJson.of(
            text,
            StrictJson.Limits.FILE,
            (place, rule) -> new IllegalArgumentException(source + ": " + rule)));
  }

  /// The object that is all of a text.
  private static JsonObject only(String source, StrictJson json) {
    try (json) {
      Kind kind = json.next();
      if (kind != Kind.OBJECT) {
        throw json.fault("expected a JSON object, in braces, got " + kind);
      }
      JsonObject object = object(source, json);
      if (json.next() != Kind.END) {
        throw json.fault("something follows the JSON object");
      }
      return object;
    }
  }

  private static JsonObject object(String source, StrictJson json) {
    var values = new TreeMap<String, Object>();
    var places = new LinkedHashMap<String, Long>();
    while (json.nextKey()) {
      String key = json.key();
      long place = json.place();
      value(source, json, json.next())
          .ifPresent(value -> {
            values.put(key, value);
            places.put(key, place);
          });
    }
    return new JsonObject(source, values, places);
  }

  private static Optional<Object> value(String source, StrictJson json, Kind kind) {
    return switch (kind) {
      case OBJECT -> Optional.of(object(source, json));
      case ARRAY -> {
        var items = new ArrayList<Object>();
        for (Kind item = json.next(); item != Kind.END; item = json.next()) {
          items.add(value(source, json, item).orElse(JsonText.Null.NULL));
        }
        yield Optional.of(items);
      }
      case STRING -> Optional.of(json.text());
      case WHOLE -> Optional.of(json.whole());
      case FRACTION -> Optional.of(json.number());
      case TRUE -> Optional.of(true);
      case FALSE -> Optional.of(false);
      case NULL, END -> Optional.empty();
    };
  }

  /// The file it was read from, for messages.
  public String source() {
    return source;
  }

  /// The keys that have a value.
  public Set<String> keys() {
    return Collections.unmodifiableSet(values.keySet());
  }

  /// The keys that have a value, in the order of the text that the object was read from; in alphabetical order where it was
  /// not read.
  public List<String> keysAsWritten() {
    var keys = new LinkedHashSet<>(places.keySet());
    keys.retainAll(values.keySet());
    keys.addAll(values.keySet());
    return List.copyOf(keys);
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

  /// A whole number of up to 64 bits.
  ///
  /// @throws IllegalArgumentException if the value is none
  public Optional<Long> whole(String key) {
    return value(key)
        .map(value -> {
          // Python writes 2.0 where a computation gave the number.
          if (value instanceof Long
              || value instanceof Double number
                  && Math.rint(number) == number
                  && Math.abs(number) < 0x1p53) {
            return ((Number) value).longValue();
          }
          throw wrong(key, "a whole number", value);
        });
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

  /// A value that has to be there.
  ///
  /// @param as gives it its type, such as `JsonObject::string`
  /// @throws IllegalArgumentException if it is missing, or of another type
  public <T> T required(String key, BiFunction<JsonObject, String, Optional<T>> as) {
    return as.apply(this, key)
        .orElseThrow(
            () -> new IllegalArgumentException(source + ": the key \"" + key + "\" is missing"));
  }

  /// The exception for a value that does not fit.
  public IllegalArgumentException wrong(String key, String expected, Object found) {
    return new IllegalArgumentException(
        source + ": the key \"" + key + "\" must be " + expected + ", not " + JsonText.of(found));
  }

  /// The exception for a file that breaks its format's rules at a key.
  public MalformedFileException malformed(String key, String rule) {
    return new MalformedFileException(Path.of(source), places.getOrDefault(key, 0L), rule);
  }

  /// The object as JSON: keys in alphabetical order, two spaces of indentation, a final line break.
  @Override
  public String toString() {
    return JsonText.of(this) + "\n";
  }

  @Override
  public Map<String, Object> values() {
    return Collections.unmodifiableMap(values);
  }
}
