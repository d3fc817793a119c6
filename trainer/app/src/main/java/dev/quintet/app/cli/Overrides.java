package dev.quintet.app.cli;

import dev.quintet.models.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Settings laid over others: those of the command line over a file's, a file's over a recipe's.
final class Overrides {
  /// Keys of which one replaces the other.
  private static final List<Set<String>> EXCLUSIVE =
      List.of(Set.of("steps", "epochs"), Set.of("model", "config"));

  /// Keys whose own keys are patterns or steps, in which dots part nothing.
  private static final Set<String> PATTERNS = Set.of("rates", "unfreeze");

  private static final Pattern ADAPTED = Pattern.compile("adapter\\.(rank|alpha)_pattern\\..*");

  /// Keys whose value is a name, or an object with one.
  private static final Set<String> NAMED = Set.of("optimizer", "schedule");

  private Overrides() {}

  /// Settings with those that the command line gives, each `key=value`: a dot leads into an object, and the value is JSON,
  /// or else a text; `null` takes a key away.
  ///
  /// @throws IllegalArgumentException if one has another form, or leads into what is no object
  static JsonObject set(JsonObject base, List<String> given) {
    return set(base, given, TrainKey.keys(), "train");
  }

  /// The same for the keys of another command.
  ///
  /// @param known the keys
  /// @param command whose help lists them
  static JsonObject set(JsonObject base, List<String> given, List<String> known, String command) {
    JsonObject settings = base;
    for (String one : given) {
      int equals = one.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException(
            "--set takes key=value, such as --set learning_rate=3e-4, not \"" + one + "\"");
      }
      List<String> path = path(one.substring(0, equals).strip());
      requireKnown(path.getFirst(), known, command);
      if (path.size() == 1 && one.substring(equals + 1).strip().equals("null")) {
        var fewer = new TreeMap<String, Object>(settings.values());
        fewer.remove(path.getFirst());
        settings = JsonObject.of(base.source(), fewer);
        continue;
      }
      Object value = value(one.substring(equals + 1));
      JsonObject change = JsonObject.of("--set " + one, nested(settings, path, value, one));
      settings = over(settings, change);
    }
    return given.isEmpty() ? base : JsonObject.of(base.source() + " and --set", settings.values());
  }

  private static void requireKnown(String key, List<String> known, String command) {
    if (!known.contains(key)) {
      throw new IllegalArgumentException(
          "--set: unknown key \"%s\"%s (%s --help lists all)"
              .formatted(key, KeyHint.of(key, known), command));
    }
  }

  private static List<String> path(String key) {
    String first = key.split("\\.", 2)[0];
    int parts = PATTERNS.contains(first) ? 2 : ADAPTED.matcher(key).matches() ? 3 : -1;
    List<String> path = List.of(key.split("\\.", parts));
    if (path.contains("")) {
      throw new IllegalArgumentException("--set: a part of the key \"" + key + "\" is empty");
    }
    return path;
  }

  /// The value as JSON, or the text itself where it is none.
  private static Object value(String text) {
    try {
      return JsonObject.parse("--set", "{\"value\": " + text + "}").value("value").orElse(text);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  private static Map<String, Object> nested(
      JsonObject base, List<String> path, Object value, String given) {
    String key = path.getFirst();
    if (path.size() == 1) {
      return Map.of(key, value);
    }
    JsonObject inside =
        switch (base.value(key).orElse(JsonObject.of(Map.of()))) {
          case JsonObject object -> object;
          case String name when NAMED.contains(key) -> JsonObject.of(Map.of("name", name));
          case String name when key.equals("adapter") -> JsonObject.of(Map.of("method", name));
          case String run when key.equals("warm_start") -> JsonObject.of(Map.of("run", run));
          case Number decay when key.equals("ema") -> JsonObject.of(Map.of("decay", decay));
          case Boolean _ when key.equals("ema") -> JsonObject.of(Map.of());
          case Object other ->
              throw new IllegalArgumentException(
                  "--set %s: \"%s\" is %s, not an object, so nothing can be set in it"
                      .formatted(given, key, other));
        };
    Map<String, Object> changed =
        new TreeMap<>(nested(inside, path.subList(1, path.size()), value, given));
    inside.values().forEach(changed::putIfAbsent);
    return Map.of(key, JsonObject.of(base.source(), changed));
  }

  /// Settings with others laid over them: objects are joined key by key, all else is replaced. Of keys that exclude each
  /// other the new one stays; an object with a name or a method replaces one with another.
  static JsonObject over(JsonObject base, JsonObject changes) {
    var values = new TreeMap<String, Object>(base.values());
    for (Map.Entry<String, Object> change : changes.values().entrySet()) {
      String key = change.getKey();
      EXCLUSIVE.stream()
          .filter(group -> group.contains(key))
          .forEach(group ->
              new ArrayList<>(group)
                  .stream()
                      .filter(other -> !other.equals(key) && !changes.has(other))
                      .forEach(values::remove));
      Object before = base.value(key).orElse("");
      values.put(
          key,
          before instanceof JsonObject old
                  && change.getValue() instanceof JsonObject now
                  && sameName(old, now)
              ? over(old, now)
              : change.getValue());
    }
    return JsonObject.of(base.source(), values);
  }

  private static boolean sameName(JsonObject one, JsonObject other) {
    return Stream.of("name", "method")
        .allMatch(key -> !other.has(key) || other.value(key).equals(one.value(key)));
  }
}
