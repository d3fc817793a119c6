package dev.quintet.trainer.loop;

import dev.quintet.core.io.JsonFault;
import dev.quintet.trainer.loop.TrainingResult.Validation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `state.json` of a checkpoint: keys in one order, losses with all their digits; those that are not finite are strings,
/// since JSON has no numbers for them.
final class StateJson {
  private static final int VERSION = 1;
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .build();

  private StateJson() {}

  static String write(TrainingState state) {
    ObjectNode root = JSON.createObjectNode();
    root.put("version", VERSION);
    root.put("step", state.step());
    root.put("seed", state.seed());
    root.put("fingerprint", state.fingerprint());
    root.put("arithmetic", state.arithmetic());
    root.put("skipped", state.skipped());
    root.put("best_step", state.bestStep());
    ArrayNode losses = root.putArray("validation");
    for (Validation validation : state.validation()) {
      ObjectNode entry = losses.addObject().put("step", validation.step());
      double loss = validation.loss();
      if (Double.isFinite(loss)) {
        entry.put("loss", loss);
      } else {
        entry.put("loss", Double.toString(loss));
      }
    }
    ObjectNode updates = root.putObject("updates");
    state.updates().forEach(updates::put);
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
  }

  private static double loss(JsonNode loss) {
    if (!loss.isString()) {
      return loss.doubleValue();
    }
    return switch (loss.stringValue()) {
      case "NaN" -> Double.NaN;
      case "Infinity" -> Double.POSITIVE_INFINITY;
      case "-Infinity" -> Double.NEGATIVE_INFINITY;
      default -> throw new JacksonException("a loss is " + loss) {};
    };
  }

  static TrainingState read(Path file) {
    try {
      JsonNode root = JSON.readTree(file.toFile());
      if (root.path("version").asInt(-1) != VERSION) {
        throw new OtherRunException(file + " is of another version than " + VERSION);
      }
      var validation = new ArrayList<Validation>();
      for (JsonNode entry : root.required("validation")) {
        validation.add(
            new Validation(entry.required("step").longValue(), loss(entry.required("loss"))));
      }
      SortedMap<String, Integer> updates = new TreeMap<>();
      root.required("updates")
          .properties()
          .forEach(entry -> updates.put(entry.getKey(), entry.getValue().intValue()));
      return new TrainingState(
          root.required("step").longValue(),
          root.required("seed").longValue(),
          root.required("fingerprint").stringValue(),
          root.required("arithmetic").stringValue(),
          updates,
          root.required("skipped").intValue(),
          validation,
          root.required("best_step").longValue());
    } catch (JacksonException e) {
      throw new OtherRunException(
          file + " is not the state of a checkpoint: " + JsonFault.plain(e.getOriginalMessage()));
    }
  }
}
