package dev.quintet.trainer.data;

import dev.quintet.core.io.JsonFault;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
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
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(1 << 16)
                  .maxNumberLength(1 << 16)
                  .build())
          .build();

  private static final String UNFINISHED =
      "the JSON does not end in its line; expected one whole object on each line (either the file is cut off, or one text"
          + " is spread over several lines, which `jq -c .` joins)";

  private final Path file;
  private final String source;
  private final String target;

  private JsonLines(Path file, String source, String target) {
    this.file = file;
    this.source = source;
    this.target = target;
  }

  static List<TextPair> pairs(Path file, String source, String target) {
    var reader = new JsonLines(file, source, target);
    var pairs = new ArrayList<TextPair>();
    try (TextLines lines = TextLines.open(file)) {
      for (var line = lines.next(); line.isPresent(); line = lines.next()) {
        if (!line.get().isBlank()) {
          pairs.add(reader.pair(lines.number(), line.get()));
        }
      }
    }
    return pairs;
  }

  private TextPair pair(long number, String line) {
    Optional<String> from = Optional.empty();
    Optional<String> to = Optional.empty();
    SequencedSet<String> names = new LinkedHashSet<>();
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), line)) {
      JsonToken first = parser.nextToken();
      if (first != JsonToken.START_OBJECT) {
        String got =
            first == JsonToken.START_ARRAY
                ? "an array, whose items `jq -c '.[]'` writes so"
                : JsonFault.kind(first.name());
        throw broken(number, "expected a JSON object on each line, got " + got);
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        names.add(name);
        JsonToken value = parser.nextToken();
        boolean wanted = name.equals(source) || name.equals(target);
        if (wanted && value != JsonToken.VALUE_STRING) {
          throw broken(
              number,
              "field \"" + name + "\" is " + JsonFault.kind(value.name()) + "; expected a string");
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
        throw broken(number, "something follows the JSON object; each is on a line of its own");
      }
    } catch (JacksonException e) {
      String fault = JsonFault.plain(String.valueOf(e.getOriginalMessage()));
      throw broken(number, fault.equals(JsonFault.TOO_EARLY) ? UNFINISHED : "not JSON: " + fault);
    }
    if (from.isEmpty() || to.isEmpty()) {
      String missing = from.isEmpty() ? source : target;
      throw broken(number, "has no field \"" + missing + "\"; its fields are " + names);
    }
    return new TextPair(from.get(), to.get());
  }

  private MalformedDataException broken(long number, String rule) {
    return new MalformedDataException(file, number, rule);
  }
}
