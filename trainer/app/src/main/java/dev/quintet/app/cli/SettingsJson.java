package dev.quintet.app.cli;

import dev.quintet.models.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/// The settings of a run, asked by key: what the parts of [TrainSettings] share.
///
/// @param json what the file and the command line say
record SettingsJson(JsonObject json) {

  /// Hands on a whole number, where there is one.
  void integer(TrainKey key, Consumer<Integer> use) {
    json.integer(key.key()).ifPresent(use);
  }

  /// Hands on a whole number of up to 64 bits, where there is one.
  void whole(TrainKey key, Consumer<Long> use) {
    json.whole(key.key()).ifPresent(use);
  }

  /// Hands on a number, where there is one.
  void number(TrainKey key, Consumer<Double> use) {
    json.number(key.key()).ifPresent(use);
  }

  /// A path that has to be there.
  ///
  /// @throws IllegalArgumentException if it is missing
  Path path(String key) {
    return Path.of(json.string(key).orElseThrow(() -> missing(key, "it names a path")));
  }

  /// Refuses both keys, or neither.
  void either(String one, String other) {
    if (json.has(one) && json.has(other)) {
      throw new IllegalArgumentException(
          "%s: the keys \"%s\" and \"%s\" exclude each other".formatted(json.source(), one, other));
    }
    if (!json.has(one) && !json.has(other)) {
      throw new IllegalArgumentException(
          "%s: one of the keys \"%s\" and \"%s\" is needed".formatted(json.source(), one, other));
    }
  }

  /// The exception for a key that is needed.
  IllegalArgumentException missing(String key, String why) {
    return new IllegalArgumentException(
        "%s: the key \"%s\" is needed: %s".formatted(json.source(), key, why));
  }

  /// The texts of a list.
  ///
  /// @param what they are, for the message where one is none, such as `patterns`
  static String[] texts(JsonObject json, String key, List<?> list, String what) {
    return list.stream()
        .map(item -> {
          if (item instanceof String text) {
            return text;
          }
          throw json.wrong(key, "a list of " + what, item);
        })
        .toArray(String[]::new);
  }

  /// Refuses keys that are not known, by name and with the nearest.
  ///
  /// @param where it stands, such as ` in "config"`; empty at the top
  static void refuseUnknown(JsonObject json, String where, List<String> known) {
    for (String key : json.keys()) {
      if (!known.contains(key)) {
        throw new IllegalArgumentException(
            "%s: unknown key \"%s\"%s%s (train --help lists all)"
                .formatted(json.source(), key, where, KeyHint.of(key, known)));
      }
    }
  }
}
