package dev.quintet.trainer.score;

import dev.quintet.models.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/// The options of a metric, each read once; what nobody has read is refused.
final class MetricOptions {
  private final String metric;
  private final JsonObject options;
  private final List<String> known = new ArrayList<>();

  MetricOptions(String metric, JsonObject options) {
    this.metric = metric;
    this.options = options;
  }

  boolean flag(String key, boolean otherwise) {
    known.add(key);
    return options.bool(key).orElse(otherwise);
  }

  int whole(String key, int otherwise) {
    known.add(key);
    return options.integer(key).orElse(otherwise);
  }

  double number(String key, double otherwise) {
    known.add(key);
    return options.number(key).orElse(otherwise);
  }

  /// A list of texts, or one alone; numbers as they are written.
  List<String> texts(String key, List<String> otherwise) {
    known.add(key);
    return options
        .value(key)
        .map(value ->
            value instanceof List<?> list
                ? list.stream().map(item -> text(key, item)).toList()
                : List.of(text(key, value)))
        .orElse(otherwise);
  }

  /// One of several words.
  <T> T choice(String key, T otherwise, Map<String, T> words) {
    known.add(key);
    return options
        .value(key)
        .map(value -> {
          T chosen = words.get(text(key, value).toLowerCase(Locale.ROOT));
          if (chosen == null) {
            throw options.wrong(
                key, "one of " + String.join(", ", new TreeSet<>(words.keySet())), value);
          }
          return chosen;
        })
        .orElse(otherwise);
  }

  private String text(String key, Object value) {
    return switch (value) {
      case String text -> text;
      case Number number -> String.valueOf(number);
      case Object other -> throw options.wrong(key, "a text", other);
    };
  }

  /// Fails where there are options that nothing has asked for.
  void end() {
    for (String key : options.keys()) {
      if (!known.contains(key)) {
        throw new IllegalArgumentException(
            "the metric %s has no option \"%s\"; %s"
                .formatted(
                    metric,
                    key,
                    known.isEmpty() ? "it has none" : "it has " + String.join(", ", known)));
      }
    }
  }
}
