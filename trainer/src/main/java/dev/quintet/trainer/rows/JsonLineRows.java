package dev.quintet.trainer.rows;

import dev.quintet.core.io.StrictJson;
import dev.quintet.core.io.StrictJson.Kind;
import dev.quintet.trainer.data.MalformedDataException;
import java.util.Optional;
import java.util.SequencedMap;

/// Rows of JSON objects, one a line; blank lines are passed over.
final class JsonLineRows implements FileRows {
  private static final String UNFINISHED =
      "the JSON does not end in its line; expected one whole object on each line (either the file is cut off, or one text"
          + " is spread over several lines, which `jq -c .` joins)";

  private final SourceText text;
  private final JsonFields fields;

  JsonLineRows(SourceText text, RowFormat format, SequencedMap<String, String> wanted) {
    this.text = text;
    this.fields = new JsonFields(wanted, format);
  }

  @Override
  public Optional<Row> next() {
    Optional<String> line = text.nextLine();
    while (line.isPresent() && line.get().isBlank()) {
      line = text.nextLine();
    }
    return line.map(this::row);
  }

  private Row row(String line) {
    try (var json = StrictJson.of(line, StrictJson.Limits.LINE, (_, rule) -> broken(rule))) {
      Kind first = json.next();
      if (first != Kind.OBJECT) {
        throw broken(
            "expected a JSON object on each line, got "
                + (first == Kind.ARRAY
                    ? "an array (a file that is one array has the format json)"
                    : first));
      }
      var columns = fields.read(json, this::broken);
      if (json.next() != Kind.END) {
        throw broken("something follows the JSON object; each is on a line of its own");
      }
      return new Row(columns, text.file(), text.recordLine());
    }
  }

  private MalformedDataException broken(String rule) {
    return text.broken(rule.equals(StrictJson.UNFINISHED) ? UNFINISHED : rule);
  }

  @Override
  public boolean goOn() {
    if (text.isLost()) {
      return false;
    }
    text.skipLine();
    return true;
  }

  @Override
  public void close() {
    text.close();
  }
}
