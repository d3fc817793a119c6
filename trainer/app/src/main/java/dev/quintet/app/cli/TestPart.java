package dev.quintet.app.cli;

import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.JsonText;
import dev.quintet.core.shape.Device;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.data.Pairs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// The test part, which is opened for one model alone; how often it was opened is kept beside the result.
///
/// @param record the file that says what came of it
/// @param data the rows
record TestPart(Path record, Path data) {

  /// A model's scores; those of an earlier time where it is the same trial.
  SequencedMap<String, Object> scores(int trial, Path model, JsonObject settings, Device device) {
    long looks = 0;
    if (Files.exists(record)) {
      JsonObject before = JsonObject.read(record);
      looks = before.required("looks", JsonObject::whole);
      if (before.required("trial", JsonObject::integer) == trial) {
        return new LinkedHashMap<>(before.values());
      }
    }
    if (!Files.isDirectory(model)) {
      System.err.println(
          "the test part stays closed: " + model + " is gone, since \"keep\" is none");
      return new LinkedHashMap<>();
    }
    Pairs pairs =
        Pairs.jsonl(
            data,
            settings.string("source_field").orElse("source"),
            settings.string("target_field").orElse("target"));
    var result = new LinkedHashMap<String, Object>();
    result.put("looks", looks + 1);
    result.putAll(new HeldOut(settings, List.of()).score(model, pairs, device).scores());
    result.put("rows", (long) pairs.size());
    result.put("trial", (long) trial);
    AtomicFile.write(record, JsonText.of(result) + "\n");
    return result;
  }
}
