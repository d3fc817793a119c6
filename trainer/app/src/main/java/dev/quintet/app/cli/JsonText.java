package dev.quintet.app.cli;

import dev.quintet.core.io.JsonFault;
import java.util.Arrays;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/// One JSON value a line: strings and arrays of ids.
final class JsonText {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(1 << 16)
                  .build())
          .build();

  private JsonText() {}

  /// Reads a string.
  ///
  /// @throws IllegalArgumentException when the line is anything else
  static String string(String line) {
    try (JsonParser parser = parser(line)) {
      if (parser.nextToken() != JsonToken.VALUE_STRING) {
        throw new IllegalArgumentException("expected a JSON string on each line");
      }
      String text = parser.getString();
      if (parser.nextToken() != null) {
        throw new IllegalArgumentException("something follows the JSON string");
      }
      return text;
    } catch (JacksonException e) {
      throw notJson(e);
    }
  }

  /// Reads an array of ids.
  ///
  /// @throws IllegalArgumentException when the line is anything else
  static int[] ids(String line) {
    try (JsonParser parser = parser(line)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw new IllegalArgumentException("expected a JSON array of ids on each line");
      }
      int[] ids = new int[line.length() / 5 + 4];
      int size = 0;
      while (parser.nextToken() == JsonToken.VALUE_NUMBER_INT) {
        if (size == ids.length) {
          ids = Arrays.copyOf(ids, 2 * size);
        }
        ids[size++] = parser.getIntValue();
      }
      if (parser.currentToken() != JsonToken.END_ARRAY) {
        throw new IllegalArgumentException("expected nothing but ids in the JSON array");
      }
      if (parser.nextToken() != null) {
        throw new IllegalArgumentException("something follows the JSON array");
      }
      return Arrays.copyOf(ids, size);
    } catch (JacksonException e) {
      throw notJson(e);
    }
  }

  private static JsonParser parser(String line) {
    return JSON.createParser(ObjectReadContext.empty(), line);
  }

  private static IllegalArgumentException notJson(JacksonException e) {
    String fault = JsonFault.plain(String.valueOf(e.getOriginalMessage()));
    return new IllegalArgumentException("not JSON: " + fault, e);
  }

  /// Appends a text as a JSON string that any reader of lines keeps in one line.
  static void append(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c >= ' ' && c < 0x7F) {
            out.append(c);
          } else if (endsLines(c) || isLone(text, i)) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  private static boolean endsLines(char c) {
    return c < ' ' || c >= 0x7F && c < 0xA0 || c == '\u2028' || c == '\u2029';
  }

  private static boolean isLone(String text, int i) {
    char c = text.charAt(i);
    return Character.isHighSurrogate(c)
            && !(i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1)))
        || Character.isLowSurrogate(c) && !(i > 0 && Character.isHighSurrogate(text.charAt(i - 1)));
  }
}
