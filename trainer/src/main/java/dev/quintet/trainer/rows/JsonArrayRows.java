package dev.quintet.trainer.rows;

import dev.quintet.core.io.StrictJson;
import dev.quintet.core.io.StrictJson.Kind;
import dev.quintet.trainer.data.MalformedDataException;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// Rows of the objects of a JSON array, which may lie below keys; read as they come.
final class JsonArrayRows implements FileRows {
  private final SourceText text;
  private final JsonFields fields;
  private final List<String> keys;
  private final StrictJson json;
  private long record;
  private long before; // the line on which the item before starts
  private int turn;
  private boolean begun;
  private boolean ended;
  private boolean whole;

  JsonArrayRows(SourceText text, RowFormat format, SequencedMap<String, String> wanted) {
    this.text = text;
    this.fields = new JsonFields(wanted, format);
    this.keys = format.at().isEmpty() ? List.of() : List.of(format.at().split("\\.", -1));
    this.json =
        StrictJson.of(
            text.reader(),
            StrictJson.Limits.LINE,
            (line, rule) -> text.lost(record > 0 ? record : Math.max(1, line), rule));
  }

  @Override
  public Optional<Row> next() {
    if (!begun) {
      begin();
      begun = true;
    }
    if (ended) {
      return Optional.empty();
    }
    whole = false;
    Kind item = json.next();
    if (item == Kind.END) {
      ended = true;
      finish();
      return Optional.empty();
    }
    record = json.place();
    turn = record == before ? turn + 1 : 1;
    before = record;
    if (item != Kind.OBJECT) {
      json.skip();
      whole = true;
      throw broken("expected an array of objects, and one of its items is " + item);
    }
    var columns =
        fields.read(
            json,
            rule -> {
              whole = true;
              return broken(rule);
            });
    var row = new Row(columns, text.file(), record, turn);
    record = 0;
    return Optional.of(row);
  }

  /// Goes to the array, and into it.
  private void begin() {
    Kind kind = json.next();
    for (int depth = 0; depth < keys.size(); depth++) {
      if (kind != Kind.OBJECT) {
        throw json.fault(
            "expected an object with the key \"%s\", got %s".formatted(keys.get(depth), kind));
      }
      boolean found = false;
      while (!found && json.nextKey()) {
        found = json.key().equals(keys.get(depth));
        kind = json.next();
        if (!found) {
          json.skip();
        }
      }
      if (!found) {
        throw json.fault(
            "has no key \"%s\", below which the key \"at\" has its rows"
                .formatted(String.join(".", keys.subList(0, depth + 1))));
      }
    }
    if (kind != Kind.ARRAY) {
      throw json.fault(
          "expected an array of objects, got %s%s"
              .formatted(
                  kind,
                  kind == Kind.OBJECT
                      ? " (an array below a key is found with \"at\": \"KEY\"; objects one a line have the format jsonl)"
                      : ""));
    }
  }

  /// Reads what follows the array, so that a broken file is not taken for a whole one.
  private void finish() {
    for (int depth = keys.size(); depth > 0; depth--) {
      while (json.nextKey()) {
        json.next();
        json.skip();
      }
    }
    if (json.next() != Kind.END) {
      throw json.fault("something follows the JSON");
    }
  }

  private MalformedDataException broken(String rule) {
    return new MalformedDataException(text.file(), Math.max(1, record), rule);
  }

  @Override
  public boolean goOn() {
    record = 0;
    return whole && !text.isLost();
  }

  @Override
  public void close() {
    json.close();
    text.close();
  }
}
