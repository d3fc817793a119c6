package dev.quintet.trainer.data;

import dev.quintet.core.io.StrictJson;
import dev.quintet.core.io.StrictJson.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/// Reads files of JSON objects, one a line, strictly: duplicate keys, missing fields and values that are no strings
/// are refused with their line.
final class JsonLines {
  private static final System.Logger LOG = System.getLogger(JsonLines.class.getName());
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
    long blank = 0;
    try (TextLines lines = TextLines.open(file)) {
      for (var line = lines.next(); line.isPresent(); line = lines.next()) {
        if (line.get().isBlank()) {
          blank++;
        } else {
          pairs.add(reader.pair(lines.number(), line.get()));
        }
      }
    }
    if (blank > 0) {
      LOG.log(
          System.Logger.Level.WARNING, "%s: blank lines passed over: %d".formatted(file, blank));
    }
    return pairs;
  }

  private TextPair pair(long number, String line) {
    Optional<String> from = Optional.empty();
    Optional<String> to = Optional.empty();
    SequencedSet<String> names = new LinkedHashSet<>();
    try (var json =
        StrictJson.of(line, StrictJson.Limits.LINE, (_, rule) -> broken(number, rule))) {
      Kind first = json.next();
      if (first != Kind.OBJECT) {
        String got =
            first == Kind.ARRAY
                ? "an array, whose items `jq -c '.[]'` writes so"
                : first.toString();
        throw broken(number, "expected a JSON object on each line, got " + got);
      }
      while (json.nextKey()) {
        String name = json.key();
        names.add(name);
        Kind value = json.next();
        if (name.equals(source) || name.equals(target)) {
          if (value != Kind.STRING) {
            throw broken(number, "field \"" + name + "\" is " + value + "; expected a string");
          }
          String text = json.text();
          from = name.equals(source) ? Optional.of(text) : from;
          to = name.equals(target) ? Optional.of(text) : to;
        }
        json.skip();
      }
      if (json.next() != Kind.END) {
        throw broken(number, "something follows the JSON object; each is on a line of its own");
      }
    }
    if (from.isEmpty() || to.isEmpty()) {
      String missing = from.isEmpty() ? source : target;
      throw broken(number, "has no field \"" + missing + "\"; its fields are " + names);
    }
    return new TextPair(from.get(), to.get());
  }

  private MalformedDataException broken(long number, String rule) {
    return new MalformedDataException(
        file, number, rule.equals(StrictJson.UNFINISHED) ? UNFINISHED : rule);
  }
}
