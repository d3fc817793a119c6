package dev.quintet.trainer.rows;

import dev.quintet.core.io.StrictJson;
import dev.quintet.core.io.StrictJson.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Function;

/// The columns of a JSON object: fields, and what lies below them at paths such as `answers.text` and `answers[0]`.
final class JsonFields {
  private final SequencedMap<String, String> wanted;
  private final boolean scalars;
  private final boolean lists;
  private final Set<String> paths;
  private final Set<String> above = new HashSet<>();

  private final Map<String, Cell> found = new HashMap<>();
  private final List<String> keys = new ArrayList<>();
  private Optional<String> wrong = Optional.empty();

  /// @param wanted names by which the columns are known and their paths; all fields that fit if it is empty
  JsonFields(SequencedMap<String, String> wanted, RowFormat format) {
    this.wanted = wanted;
    this.scalars = format.scalars();
    this.lists = format.lists();
    this.paths = new HashSet<>(wanted.values());
    for (String path : paths) {
      for (int i = 1; i < path.length(); i++) {
        if (path.charAt(i) == '.' || path.charAt(i) == '[') {
          above.add(path.substring(0, i));
        }
      }
    }
  }

  /// Reads the object that has just been begun, to its end.
  ///
  /// @param as makes the exception for what is wrong with it, once it is read
  SequencedMap<String, Cell> read(StrictJson json, Function<String, RuntimeException> as) {
    found.clear();
    keys.clear();
    wrong = Optional.empty();
    object("", json);
    var columns = new LinkedHashMap<String, Cell>();
    if (wanted.isEmpty()) {
      keys.stream().filter(found::containsKey).forEach(key -> columns.put(key, found(key)));
    }
    wanted.forEach((name, path) -> {
      if (found.containsKey(path)) {
        columns.put(name, found(path));
      } else {
        fault("has no field \"" + path + "\"; its fields are " + keys);
      }
    });
    wrong.ifPresent(rule -> {
      throw as.apply(rule);
    });
    return columns;
  }

  private Cell found(String path) {
    return Optional.ofNullable(found.get(path)).orElseThrow();
  }

  private void object(String prefix, StrictJson json) {
    while (json.nextKey()) {
      String key = json.key();
      if (prefix.isEmpty()) {
        keys.add(key);
      }
      value(prefix + key, json, json.next());
    }
  }

  private void value(String path, StrictJson json, Kind kind) {
    boolean taken = paths.contains(path) || wanted.isEmpty();
    if (above.contains(path) && kind == Kind.OBJECT) {
      if (taken) {
        fault("field \"%s\" is an object; expected a string".formatted(path));
      }
      object(path + ".", json);
    } else if (kind == Kind.ARRAY && above.contains(path) && !taken) {
      int i = 0;
      for (Kind item = json.next(); item != Kind.END; item = json.next()) {
        value(path + "[" + i++ + "]", json, item);
      }
      if (paths.stream().anyMatch(other -> other.startsWith(path + "."))) {
        fault(
            "field \"%s\" is an array; expected an object (\"%1$s[0]\" is the first of its items)"
                .formatted(path));
      }
    } else if (taken) {
      take(path, json, kind);
    } else {
      json.skip();
    }
  }

  private void take(String path, StrictJson json, Kind kind) {
    if (kind == Kind.ARRAY && lists) {
      var items = new ArrayList<String>();
      for (Kind item = json.next(); item != Kind.END; item = json.next()) {
        Optional<String> text = text(path, json, item, "a list of strings, and one of them");
        json.skip();
        text.ifPresent(items::add);
        String element = path + "[" + (items.size() - 1) + "]";
        if (text.isPresent() && paths.contains(element)) {
          put(element, Cell.of(text.get()));
        }
      }
      put(path, new Cell(items, true));
    } else {
      text(path, json, kind, "").ifPresent(text -> put(path, Cell.of(text)));
      json.skip();
    }
  }

  private Optional<String> text(String path, StrictJson json, Kind kind, String of) {
    boolean scalar =
        switch (kind) {
          case WHOLE, FRACTION, TRUE, FALSE -> true;
          case STRING, OBJECT, ARRAY, NULL, END -> false;
        };
    if (kind == Kind.STRING) {
      String text = json.text();
      if (holdsHalf(text)) {
        fault("field \"%s\" holds half of a surrogate pair, which is no text".formatted(path));
        return Optional.empty();
      }
      return Optional.of(text);
    }
    if (scalar && scalars) {
      return Optional.of(json.text());
    }
    if (!wanted.isEmpty()) {
      String hint =
          scalar
              ? " (the key \"scalars\": \"text\" takes numbers and booleans as they are written)"
              : kind == Kind.ARRAY && !lists
                  ? " (the key \"lists\": true takes lists of strings)"
                  : kind == Kind.OBJECT
                      ? " (\"%s.KEY\" is what it has under a key)".formatted(path)
                      : "";
      fault(
          "field \"%s\" is %s%s; expected a string%s"
              .formatted(path, of.isEmpty() ? "" : of + " is ", kind, hint));
    }
    return Optional.empty();
  }

  private void put(String path, Cell cell) {
    if (found.put(path, cell) != null) {
      fault("two values answer to \"%s\"; rename one of them".formatted(path));
    }
  }

  private void fault(String rule) {
    if (wrong.isEmpty()) {
      wrong = Optional.of(rule);
    }
  }

  private static boolean holdsHalf(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        boolean pair =
            Character.isHighSurrogate(text.charAt(i))
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          return true;
        }
        i++;
      }
    }
    return false;
  }
}
