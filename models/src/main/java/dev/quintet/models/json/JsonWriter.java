package dev.quintet.models.json;

import java.util.List;

/// Writes JSON values, the same bytes for the same values.
final class JsonWriter {
  private JsonWriter() {}

  static String text(Object value) {
    var out = new StringBuilder();
    write(out, value, "\n");
    return out.toString();
  }

  private static void write(StringBuilder out, Object value, String lineBreak) {
    switch (value) {
      case JsonObject object -> {
        String inner = lineBreak + "  ";
        String separator = "{";
        for (var entry : object.values().entrySet()) {
          out.append(separator).append(inner);
          quote(out, entry.getKey());
          write(out.append(": "), entry.getValue(), inner);
          separator = ",";
        }
        out.append(object.values().isEmpty() ? "{}" : lineBreak + "}");
      }
      case List<?> list -> {
        String inner = lineBreak + "  ";
        String separator = "[";
        for (Object item : list) {
          write(out.append(separator).append(inner), item, inner);
          separator = ",";
        }
        out.append(list.isEmpty() ? "[]" : lineBreak + "]");
      }
      case String text -> quote(out, text);
      // A float is written with its own shortest digits: 0.1 rather than 0.10000000149011612.
      case Float number -> out.append(number(number.toString()));
      case Double number -> out.append(number(number.toString()));
      case Number number -> out.append(number);
      case Boolean truth -> out.append(truth);
      default ->
          throw new IllegalArgumentException(value.getClass() + " has no place in a JSON file");
    }
  }

  private static String number(String digits) {
    return digits.replace("E", "e");
  }

  private static void quote(StringBuilder out, String text) {
    out.append('"');
    for (char c : text.toCharArray()) {
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ') {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
