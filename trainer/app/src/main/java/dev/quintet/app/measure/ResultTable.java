package dev.quintet.app.measure;

import dev.quintet.models.json.JsonObject;
import java.util.List;
import java.util.Locale;

/// What a part has found, as a table for people.
final class ResultTable {
  private static final int NAMES = 34;
  private static final int MOST_IN_A_LINE = 6;

  private final StringBuilder out = new StringBuilder();

  private ResultTable() {}

  /// @param json the part's result
  /// @param device a word for where it was found
  static String of(String json, String device) {
    JsonObject result = JsonObject.parse("a part's result", json);
    var table = new ResultTable();
    table.out.append(
        String.format(
            Locale.ROOT,
            "part %d, %s, on %s: %.1f s%s%n",
            result.required("part", JsonObject::integer),
            result.required("title", JsonObject::string),
            device,
            result.required("seconds", JsonObject::number),
            result.string("failed").map(why -> ", FAILED: " + why).orElse("")));
    result.object("figures").ifPresent(figures -> table.rows(figures, "  "));
    return table.out.toString();
  }

  /// An object of a few numbers and words is a line, any other a heading.
  private void rows(JsonObject object, String indent) {
    for (String key : object.keys()) {
      Object value = object.value(key).orElseThrow();
      String name = String.format("%s%-" + NAMES + "s  ", indent, key);
      switch (value) {
        case JsonObject one when flat(one) -> out.append(name).append(line(one)).append('\n');
        case JsonObject one -> {
          out.append(indent).append(key).append('\n');
          rows(one, indent + "  ");
        }
        case List<?> lines -> {
          out.append(indent).append(key).append('\n');
          lines.forEach(line -> out.append(indent).append("  ").append(line).append('\n'));
        }
        default -> out.append(name).append(text(value)).append('\n');
      }
    }
  }

  private static boolean flat(JsonObject object) {
    return object.keys().size() <= MOST_IN_A_LINE
        && object.keys().stream()
            .map(key -> object.value(key).orElseThrow())
            .noneMatch(value -> value instanceof JsonObject || value instanceof List<?>);
  }

  private static String line(JsonObject object) {
    var line = new StringBuilder();
    for (String key : object.keys()) {
      String value = text(object.value(key).orElseThrow());
      line.append(String.format("  %s %s", key.replace('_', ' '), value));
    }
    return line.toString().strip();
  }

  /// Four digits of a number.
  private static String text(Object value) {
    return value instanceof Double number
        ? String.format(Locale.ROOT, "%.4g", number)
        : String.valueOf(value);
  }
}
