package dev.quintet.trainer.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/// Reads files of JSON objects, one a line, strictly: duplicate keys, missing fields and values that are no strings
/// are refused with their line.
final class JsonLines {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(64)
                  .maxStringLength(16 << 20)
                  .maxNumberLength(64)
                  .build())
          .build();

  private JsonLines() {}

  static List<TextPair> pairs(Path file, String source, String target) {
    var pairs = new ArrayList<TextPair>();
    long number = 0;
    try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        if (!line.isBlank()) {
          pairs.add(pair(file, number, line, source, target));
        }
      }
    } catch (CharacterCodingException e) {
      throw new MalformedDataException(file, number + 1, "not UTF-8");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    }
    return pairs;
  }

  private static TextPair pair(Path file, long number, String line, String source, String target) {
    Optional<String> from = Optional.empty();
    Optional<String> to = Optional.empty();
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), line)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new MalformedDataException(file, number, "expected a JSON object on each line");
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        boolean wanted = name.equals(source) || name.equals(target);
        if (wanted && value != JsonToken.VALUE_STRING) {
          throw new MalformedDataException(file, number, "field \"" + name + "\" is no string");
        }
        if (name.equals(source)) {
          from = Optional.of(parser.getString());
        }
        if (name.equals(target)) {
          to = Optional.of(parser.getString());
        }
        parser.skipChildren();
      }
      if (parser.nextToken() != null) {
        throw new MalformedDataException(file, number, "something follows the JSON object");
      }
    } catch (JacksonException e) {
      throw new MalformedDataException(file, number, "not JSON: " + e.getOriginalMessage());
    }
    String missing = from.isEmpty() ? source : target;
    if (from.isEmpty() || to.isEmpty()) {
      throw new MalformedDataException(file, number, "has no field \"" + missing + "\"");
    }
    return new TextPair(from.get(), to.get());
  }
}
