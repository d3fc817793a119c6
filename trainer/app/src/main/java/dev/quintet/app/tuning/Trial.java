package dev.quintet.app.tuning;

import dev.quintet.models.json.JsonObject;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// One training of a comparison.
///
/// @param task its name
/// @param method its name
/// @param seed of everything random
/// @param start where a training of a few steps starts, of those that show what an adapter is worth on another task; nothing
///     for one that is compared by itself
public record Trial(String task, String method, long seed, Optional<Start> start) {

  /// Where a transfer starts.
  ///
  /// @param task whose adapter it starts from; nothing where it starts with a new one
  public record Start(Optional<String> task) {
    /// With a new adapter.
    public static final Start AFRESH = new Start(Optional.empty());

    /// For people.
    public String label() {
      return task.orElse("afresh");
    }
  }

  /// For people and progress.
  public String label() {
    return start
        .map(from ->
            "%s on %s, %s"
                .formatted(
                    method, task, from.task().map(one -> "from " + one).orElse("starting afresh")))
        .orElseGet(() -> "%s on %s, seed %d".formatted(method, task, seed));
  }

  /// Its folder.
  ///
  /// @param out that of the comparison
  public Path folder(Path out) {
    return start
        .map(from ->
            out.resolve("transfer")
                .resolve(method)
                .resolve(task)
                .resolve(from.task().map(one -> "from-" + one).orElse("afresh")))
        .orElseGet(
            () -> out.resolve("trials").resolve(task).resolve(method).resolve("seed-" + seed));
  }

  /// The training at whose end this one starts; nothing where it starts with the base alone.
  public Optional<Trial> source() {
    return start.flatMap(Start::task).map(from -> new Trial(from, method, seed, Optional.empty()));
  }

  Map<String, Object> json() {
    var json = new LinkedHashMap<String, Object>();
    json.put("task", task);
    json.put("method", method);
    json.put("seed", seed);
    start.ifPresent(from -> json.put("start", from.task().orElse("")));
    return json;
  }

  static Trial of(JsonObject json) {
    return new Trial(
        json.required("task", JsonObject::string),
        json.required("method", JsonObject::string),
        json.required("seed", JsonObject::whole),
        json.string("start")
            .map(from -> from.isEmpty() ? Start.AFRESH : new Start(Optional.of(from))));
  }
}
