package dev.quintet.app.cli;

import dev.quintet.core.io.JsonText;
import dev.quintet.core.io.StrictJson;
import dev.quintet.core.io.StrictJson.Kind;
import java.util.Arrays;

/// One JSON value a line: strings and arrays of ids.
final class JsonLine {
  private JsonLine() {}

  /// Reads a string.
  ///
  /// @throws IllegalArgumentException when the line is anything else
  static String string(String line) {
    try (StrictJson json = open(line)) {
      if (json.next() != Kind.STRING) {
        throw json.fault("expected a JSON string on each line");
      }
      String text = json.text();
      if (json.next() != Kind.END) {
        throw json.fault("something follows the JSON string");
      }
      return text;
    }
  }

  /// Reads an array of ids.
  ///
  /// @throws IllegalArgumentException when the line is anything else
  static int[] ids(String line) {
    try (StrictJson json = open(line)) {
      if (json.next() != Kind.ARRAY) {
        throw json.fault("expected a JSON array of ids on each line");
      }
      int[] ids = new int[line.length() / 5 + 4];
      int size = 0;
      for (Kind kind = json.next(); kind != Kind.END; kind = json.next()) {
        if (kind != Kind.WHOLE || json.whole() != (int) json.whole()) {
          throw json.fault("expected nothing but ids in the JSON array, got " + json.text());
        }
        if (size == ids.length) {
          ids = Arrays.copyOf(ids, 2 * size);
        }
        ids[size++] = (int) json.whole();
      }
      if (json.next() != Kind.END) {
        throw json.fault("something follows the JSON array");
      }
      return Arrays.copyOf(ids, size);
    }
  }

  private static StrictJson open(String line) {
    return StrictJson.of(
        line, StrictJson.Limits.LINE, (_, rule) -> new IllegalArgumentException(rule));
  }

  /// A text as a JSON string that any reader of lines keeps in one line.
  static String of(String text) {
    return JsonText.quote(new StringBuilder(), text).toString();
  }
}
