package dev.quintet.app.cli;

import dev.quintet.models.hub.ModelPlaces;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5ConfigFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// The methods that `compare-tuning` knows by name: each is a name and what changes in the settings of `train`. A new method of
/// adapters is one line here, or none: any file may name methods of its own in the same form.
final class KnownMethods {
  private final SequencedMap<String, JsonObject> methods = new LinkedHashMap<>();

  private KnownMethods(int lastBlock) {
    add("full", "{\"learning_rate\": 1e-3}");
    add(
        "last-block",
        "{\"freeze\": [\"*\"], \"unfreeze\": {\"0\": [\"decoder.block.%d.*\"]}, \"learning_rate\": 1e-3}"
            .formatted(lastBlock));
  }

  /// The methods for a base.
  ///
  /// @param base the folder of a model
  static KnownMethods of(Path base) {
    Path config = ModelPlaces.fromEnvironment().find(base.toString()).resolve("config.json");
    return new KnownMethods(
        T5ConfigFile.of(JsonObject.read(config)).withoutWeights().decoderLayers() - 1);
  }

  private void add(String name, String settings) {
    methods.put(name, JsonObject.parse("the method " + name, settings));
  }

  /// Their names.
  List<String> names() {
    return List.copyOf(methods.keySet());
  }

  /// What changes in the settings; nothing for a name that is not known.
  JsonObject settings(String name) {
    return methods.getOrDefault(name, JsonObject.of("the method " + name, Map.of()));
  }
}
