package dev.quintet.trainer.loop;

import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.trainer.data.Examples;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// `run.json` of a folder: what decides the run in it, so that another one neither overwrites nor continues it.
final class RunRecord {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path out;
  private final Path file;

  RunRecord(Path out) {
    this.out = out;
    this.file = out.resolve("run.json");
  }

  /// What decides a run's result, by name. How often it saves does not.
  static Map<String, String> settings(
      TrainingPlan plan, Examples train, Examples validate, Map<String, Parameter> parameters) {
    var settings = new LinkedHashMap<String, String>();
    settings.put("steps", String.valueOf(plan.steps()));
    settings.put("batch_size", String.valueOf(plan.batchSize()));
    settings.put("accumulation", String.valueOf(plan.accumulation()));
    settings.put("schedule", plan.rate().toString());
    settings.put("update", plan.update() + " " + plan.optimizer());
    settings.put("clip", String.valueOf(plan.clip()));
    settings.put("freezing", plan.freezing().toString());
    settings.put("seed", String.valueOf(plan.seed()));
    settings.put("evaluate_every", String.valueOf(plan.evaluateEvery()));
    settings.put("train", Fingerprint.of(train));
    settings.put("validation", Fingerprint.of(validate));
    settings.put("model", Fingerprint.of(parameters));
    return settings;
  }

  /// Writes the record of a new run, or compares that of the run that is continued.
  ///
  /// @throws OtherRunException if the folder holds a run that is not to be continued, or another one
  void begin(Map<String, String> settings, boolean resume) {
    boolean holdsRun = Files.exists(file) || TrainingLoop.hasCheckpoint(RunFolders.in(out));
    if (holdsRun && !resume) {
      throw new OtherRunException(
          out + " holds a run already: resume it (--resume), or choose another folder");
    }
    if (Files.exists(file)) {
      compare(settings);
      return;
    }
    try {
      Files.createDirectories(out);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make the folder " + out + ": " + e, e);
    }
    ObjectNode root = JSON.createObjectNode();
    settings.forEach(root::put);
    AtomicFile.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n");
  }

  private void compare(Map<String, String> settings) {
    JsonNode recorded;
    try {
      recorded = JSON.readTree(file.toFile());
    } catch (JacksonException e) {
      throw new OtherRunException(
          file + " cannot be read (" + e.getOriginalMessage() + "); choose another folder");
    }
    settings.forEach((key, value) -> {
      String before = recorded.path(key).asString("nothing");
      if (!before.equals(value)) {
        throw new OtherRunException(
            out
                + " holds a run with another "
                + key
                + " ("
                + before
                + ", now "
                + value
                + "): set it as it was, or choose another folder");
      }
    });
  }
}
