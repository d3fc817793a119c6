package dev.quintet.trainer.loop;

import dev.quintet.core.io.JsonText;
import dev.quintet.core.io.MalformedFileException;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.loop.TrainingResult.Validation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// `state.json` of a checkpoint: keys in one order, losses with all their digits; those that are not finite are strings,
/// since JSON has no numbers for them.
final class StateJson {
  private static final int VERSION = 2;
  private static final Set<String> NOT_FINITE = Set.of("NaN", "Infinity", "-Infinity");

  private StateJson() {}

  static String write(TrainingState state) {
    var losses = new ArrayList<Object>();
    for (Validation validation : state.validation()) {
      var entry = new LinkedHashMap<String, Object>();
      entry.put("step", validation.step());
      entry.put("loss", validation.loss());
      if (!validation.scores().isEmpty()) {
        entry.put("scores", new TreeMap<>(validation.scores()));
      }
      losses.add(entry);
    }
    var root = new LinkedHashMap<String, Object>();
    root.put("version", VERSION);
    root.put("step", state.step());
    root.put("seed", state.seed());
    root.put("fingerprint", state.fingerprint());
    root.put("arithmetic", state.arithmetic());
    root.put("skipped", state.skipped());
    root.put("best_step", state.bestStep());
    root.put("validation", losses);
    root.put("updates", state.updates());
    root.put("parts", state.parts());
    return JsonText.of(root) + "\n";
  }

  /// A number that may not be finite.
  static double number(JsonObject entry, String key) {
    return switch (entry.value(key).orElse("")) {
      case Number loss -> loss.doubleValue();
      case String text when NOT_FINITE.contains(text) -> Double.parseDouble(text);
      case Object other -> throw entry.wrong(key, "a number", other);
    };
  }

  /// Numbers by name.
  static SequencedMap<String, Double> numbers(JsonObject object) {
    var numbers = new LinkedHashMap<String, Double>();
    object.keys().forEach(key -> numbers.put(key, number(object, key)));
    return numbers;
  }

  static TrainingState read(Path file) {
    try {
      JsonObject root = JsonObject.read(file);
      if (root.whole("version").orElse(-1L) != VERSION) {
        throw new OtherRunException(file + " is of another version than " + VERSION);
      }
      var validation = new ArrayList<Validation>();
      for (Object item : root.required("validation", JsonObject::list)) {
        if (!(item instanceof JsonObject entry)) {
          throw root.wrong("validation", "a list of objects", item);
        }
        validation.add(
            new Validation(
                entry.required("step", JsonObject::whole),
                number(entry, "loss"),
                entry.object("scores").map(StateJson::numbers).orElseGet(LinkedHashMap::new)));
      }
      JsonObject counts = root.required("updates", JsonObject::object);
      SortedMap<String, Integer> updates = new TreeMap<>();
      counts.keys().forEach(name -> updates.put(name, counts.required(name, JsonObject::integer)));
      JsonObject found = root.required("parts", JsonObject::object);
      SortedMap<String, JsonObject> parts = new TreeMap<>();
      found.keys().forEach(name -> parts.put(name, found.required(name, JsonObject::object)));
      return new TrainingState(
          root.required("step", JsonObject::whole),
          root.required("seed", JsonObject::whole),
          root.required("fingerprint", JsonObject::string),
          root.required("arithmetic", JsonObject::string),
          updates,
          root.required("skipped", JsonObject::integer),
          validation,
          root.required("best_step", JsonObject::whole),
          parts);
    } catch (MalformedFileException | IllegalArgumentException e) {
      throw new OtherRunException(e.getMessage() + "; this is not the state of a checkpoint");
    }
  }
}
