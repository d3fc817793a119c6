package dev.quintet.models.checkpoint;

import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.t5.Architecture;
import dev.quintet.models.t5.T5Config;
import dev.quintet.models.t5.T5Family;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The tensors that a configuration asks for: a model that has others cannot be loaded again.
final class Layout {
  private static final int SHOWN = 5;

  private Layout() {}

  /// The model's parameters, if they are those that its configuration asks for. A generator's head may be the embedding's
  /// matrix or its own, and its stacks' embeddings the shared one or their own, whatever the configuration says: the file decides
  /// that.
  ///
  /// @param folder where it is to be saved, for the message
  /// @param options whether what the configuration does not know is left out
  /// @throws CheckpointException if some are other ones, as after a part was replaced
  static Map<String, Parameter> check(T5Family model, Path folder, SaveOptions options) {
    Map<String, Parameter> parameters = model.parameters();
    T5Config config = model.config();
    if (model.architecture() == Architecture.GENERATION) {
      config =
          config
              .withHead(!parameters.containsKey(T5Weights.HEAD), config.scaled())
              .withOwnTables(T5Weights.SHARED_ALIASES.stream().allMatch(parameters::containsKey));
    }
    Map<String, Shape> expected = shapes(model, config);
    if (options.addedBeside()) {
      parameters.keySet().retainAll(expected.keySet());
    }
    List<String> foreign =
        parameters.entrySet().stream()
            .filter(
                entry -> !Objects.equals(entry.getValue().shape(), expected.get(entry.getKey())))
            .map(entry -> entry.getKey() + " " + entry.getValue().shape())
            .toList();
    List<String> missing =
        expected.keySet().stream().filter(name -> !parameters.containsKey(name)).toList();
    if (foreign.isEmpty() && missing.isEmpty()) {
      return parameters;
    }
    throw new CheckpointException(
        folder
            + " is not written: parts of the model were replaced, and nothing could load what they would be saved as:"
            + listed(foreign, " that its configuration does not know, ")
            + (foreign.isEmpty() || missing.isEmpty() ? "" : ", and")
            + listed(missing, " that is missing, ")
            + "; put the original parts back with Module.replace, their weights merged, and save then, or"
            + " ask for SaveOptions.withAddedBeside()");
  }

  private static Map<String, Shape> shapes(T5Family model, T5Config config) {
    var shapes = new LinkedHashMap<String, Shape>();
    try (T5Family _ =
        model
            .architecture()
            .build(
                config,
                model.task(),
                (name, shape) -> {
                  shapes.put(name, shape);
                  return Parameter.empty(Shape.of(1), Device.cpu());
                })) {
      return shapes;
    }
  }

  private static String listed(List<String> names, String what) {
    if (names.isEmpty()) {
      return "";
    }
    String more = names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " more" : "";
    return " "
        + names.size()
        + (names.size() == 1 ? " tensor" : " tensors")
        + what
        + String.join(", ", names.stream().limit(SHOWN).toList())
        + more;
  }
}
