package dev.quintet.models.json;

import dev.quintet.core.io.MalformedFileException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/// Reads a file of one JSON object.
final class JsonReader {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(32).build())
          .build();

  private JsonReader() {}

  static JsonObject read(Path file) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e, e);
    }
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new MalformedFileException(file, 0, "the file is one JSON object, in braces");
      }
      JsonObject object = object(file.toString(), parser);
      if (parser.nextToken() != null) {
        throw new MalformedFileException(
            file, parser.currentLocation().getByteOffset(), "nothing follows the object");
      }
      return object;
    } catch (JacksonException e) {
      TokenStreamLocation place = e.getLocation();
      throw new MalformedFileException(
          file,
          place == null ? 0 : Math.max(0, place.getByteOffset()),
          "the file is valid JSON: " + e.getOriginalMessage());
    }
  }

  private static JsonObject object(String source, JsonParser parser) {
    var values = new TreeMap<String, Object>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      Object value = value(source, parser, parser.nextToken());
      if (value != null) {
        values.put(key, value);
      }
    }
    return new JsonObject(source, values);
  }

  private static @Nullable Object value(String source, JsonParser parser, JsonToken token) {
    return switch (token) {
      case START_OBJECT -> object(source, parser);
      case START_ARRAY -> {
        var items = new ArrayList<Object>();
        for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
          Object item = value(source, parser, t);
          if (item != null) {
            items.add(item);
          }
        }
        yield items;
      }
      case VALUE_STRING -> parser.getString();
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      case END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
          throw new IllegalStateException("the JSON parser gave " + token + " for a value");
    };
  }
}
