package dev.quintet.core.io;

import java.util.List;
import java.util.Map;

/// Writes JSON: the same bytes for the same values, in UTF-8 whatever a string holds, and strings without line ends.
public final class JsonText {
  private JsonText() {}

  /// What is written as an object of its own.
  public interface Fields {
    /// The values by key, in the order in which they are written.
    Map<String, ?> values();
  }

  /// What stands for `null` where values are kept in a list, since Java's lists of values have none.
  public enum Null {
    /// The one value.
    NULL;

    @Override
    public String toString() {
      return "null";
    }
  }

  /// A value as text, two spaces of indentation a level: a map, [Fields], a list, a string, a number, a truth value or [Null].
  /// Numbers that are not finite are strings, since JSON has none.
  ///
  /// @throws IllegalArgumentException if it is something else, or holds something else
  public static String of(Object value) {
    var out = new StringBuilder();
    write(out, value, "\n");
    return out.toString();
  }

  /// The same in one line.
  ///
  /// @throws IllegalArgumentException if it is something else, or holds something else
  public static String line(Object value) {
    // Strings hold no line ends, so those of the layout are all there are.
    return of(value).replaceAll(",\n *", ", ").replaceAll("\n *", "");
  }

  private static void write(StringBuilder out, Object value, String lineBreak) {
    String inner = lineBreak + "  ";
    switch (value) {
      case Fields object -> write(out, object.values(), lineBreak);
      case Map<?, ?> map -> {
        String separator = "{";
        for (var entry : map.entrySet()) {
          quote(out.append(separator).append(inner), String.valueOf(entry.getKey())).append(": ");
          write(out, entry.getValue(), inner);
          separator = ",";
        }
        out.append(map.isEmpty() ? "{}" : lineBreak + "}");
      }
      case List<?> list -> {
        String separator = "[";
        for (Object item : list) {
          write(out.append(separator).append(inner), item, inner);
          separator = ",";
        }
        out.append(list.isEmpty() ? "[]" : lineBreak + "]");
      }
      case String text -> quote(out, text);
      // A float is written with its own shortest digits: 0.1 rather than 0.10000000149011612.
      case Float number -> number(out, Float.isFinite(number), number.toString());
      case Double number -> number(out, Double.isFinite(number), number.toString());
      case Number number -> out.append(number);
      case Boolean truth -> out.append(truth);
      case Null none -> out.append(none);
      default ->
          throw new IllegalArgumentException(value.getClass() + " has no place in a JSON file");
    }
  }

  private static void number(StringBuilder out, boolean finite, String digits) {
    if (finite) {
      out.append(digits.replace("E", "e"));
    } else {
      quote(out, digits);
    }
  }

  /// Appends a string: the short escapes as serde_json has them; four digits for other controls, for what ends lines
  /// beyond ASCII, and for unpaired surrogates; all else as it is.
  public static StringBuilder quote(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c >= ' ' && c < 0x80) {
            out.append(c);
          } else if (endsLines(c) || isUnpaired(text, i)) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    return out.append('"');
  }

  private static boolean endsLines(char c) {
    return c < 0xA0 || c == '\u2028' || c == '\u2029';
  }

  private static boolean isUnpaired(String text, int i) {
    char c = text.charAt(i);
    return Character.isHighSurrogate(c)
            && !(i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1)))
        || Character.isLowSurrogate(c) && !(i > 0 && Character.isHighSurrogate(text.charAt(i - 1)));
  }

  /// Whether a string holds a surrogate without its other half, which UTF-8 cannot carry.
  static boolean holdsUnpaired(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (isUnpaired(text, i)) {
        return true;
      }
    }
    return false;
  }
}
