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
  /// Those that are compared where nobody says otherwise: the paper's.
  static final List<String> STANDARD =
      List.of("full", "last-block", "lora", "bottleneck", "prefix", "prompt");

  private final SequencedMap<String, JsonObject> methods = new LinkedHashMap<>();

  private KnownMethods(int lastBlock) {
    add("full", "{\"learning_rate\": 3e-4}");
    add(
        "last-block",
        "{\"freeze\": [\"*\"], \"unfreeze\": {\"0\": [\"decoder.block.%d.*\"]}, \"learning_rate\": 1e-3}"
            .formatted(lastBlock));
    adapter("lora", "\"rank\": 8, \"alpha\": 16", 1e-3);
    adapter("bottleneck", "\"size\": 16", 1e-3);
    adapter("prefix", "\"tokens\": 20", 1e-2);
    adapter("prompt", "\"tokens\": 20", 0.1);
    adapter("dora", "\"rank\": 8, \"alpha\": 16", 1e-3);
    adapter("adalora", "\"alpha\": 16", 1e-3);
    adapter("ia3", "", 3e-3);
    adapter("ln", "", 3e-3);
    adapter("p-tuning", "\"tokens\": 20", 1e-2);
  }

  /// A method of adapters with what it is given where the file does not say otherwise.
  private void adapter(String name, String settings, double rate) {
    add(
        name,
        "{\"adapter\": {\"method\": \"%s\"%s}, \"learning_rate\": %s}"
            .formatted(name, settings.isEmpty() ? "" : ", " + settings, rate));
  }

  /// The names of all.
  static List<String> all() {
    return new KnownMethods(0).names();
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
