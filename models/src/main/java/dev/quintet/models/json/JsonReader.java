package dev.quintet.models.json;

import dev.quintet.core.io.JsonFault;
import dev.quintet.core.io.MalformedFileException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;

/// Reads a file of one JSON object: at most 64 MB of UTF-8, 64 levels, texts of 16 MB, numbers of 32 digits.
final class JsonReader {
  private static final long LONGEST = 64L << 20;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(64)
                  .maxNumberLength(32)
                  .maxStringLength(1 << 24)
                  .maxNameLength(1 << 16)
                  .build())
          .build();

  private JsonReader() {}

  static JsonObject read(Path file) {
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

  static JsonObject read(Path file, byte[] bytes) {
    checkEncoding(file, bytes);
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
          "the file is valid JSON: " + JsonFault.plain(e.getOriginalMessage()));
    }
  }

  // Jackson guesses other encodings by zero bytes and marks, and decodes overlong forms.
  private static void checkEncoding(Path file, byte[] bytes) {
    for (int i = 0; i < Math.min(4, bytes.length); i++) {
      if (bytes[i] == 0) {
        throw new MalformedFileException(file, i, "the file is UTF-8, without zero bytes");
      }
    }
    if (bytes.length > 0 && bytes[0] == (byte) 0xEF) {
      throw new MalformedFileException(file, 0, "the file is UTF-8 without a byte order mark");
    }
    var raw = ByteBuffer.wrap(bytes);
    var chars = CharBuffer.allocate(8192);
    var decoder = StandardCharsets.UTF_8.newDecoder();
    CoderResult result;
    do {
      result = decoder.decode(raw, chars.clear(), true);
    } while (result.isOverflow());
    if (result.isError()) {
      throw new MalformedFileException(file, raw.position(), "the file is valid UTF-8");
    }
  }

  static JsonObject parse(String source, String text) {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException(source + ": expected a JSON object, in braces");
      }
      JsonObject object = object(source, parser);
      if (parser.nextToken() != null) {
        throw new IllegalArgumentException(source + ": something follows the JSON object");
      }
      return object;
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          source + ": not JSON: " + JsonFault.plain(e.getOriginalMessage()), e);
    }
  }

  private static JsonObject object(String source, JsonParser parser) {
    var values = new TreeMap<String, Object>();
    var places = new HashMap<String, Long>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      long place = Math.max(0, parser.currentTokenLocation().getByteOffset());
      Object value = value(source, parser, parser.nextToken());
      if (value != null) {
        values.put(key, value);
        places.put(key, place);
      }
    }
    return new JsonObject(source, values, places);
  }

  private static double finite(JsonParser parser) {
    double value = parser.getDoubleValue();
    if (Double.isInfinite(value)) {
      throw new StreamReadException(
          parser, "Numeric value (" + parser.getString() + ") out of range of doubles");
    }
    return value;
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
      case VALUE_NUMBER_FLOAT -> finite(parser);
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      case END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
          throw new IllegalStateException("the JSON parser gave " + token + " for a value");
    };
  }
}
