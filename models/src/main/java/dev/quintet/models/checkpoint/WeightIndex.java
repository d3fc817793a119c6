package dev.quintet.models.checkpoint;

import dev.quintet.models.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/// `model.safetensors.index.json` and its like: which tensor is in which file of the same folder.
///
/// @param json the file
/// @param files the file's name of each tensor
record WeightIndex(JsonObject json, Map<String, String> files) {

  /// Reads an index and checks every name in it.
  ///
  /// @param ending of the files that it may name
  /// @throws dev.quintet.core.io.MalformedFileException that names the key which is wrong, and its offset
  static WeightIndex read(Path path, String ending) {
    return of(
        JsonObject.read(FolderContents.plain(path)),
        ending,
        name -> Files.isRegularFile(path.resolveSibling(name)));
  }

  static WeightIndex of(JsonObject json, String ending, Predicate<String> present) {
    if (!(json.value("weight_map").orElse("") instanceof JsonObject map)) {
      throw json.malformed("weight_map", "an index has an object \"weight_map\"");
    }
    if (map.keys().isEmpty()) {
      throw json.malformed("weight_map", "\"weight_map\" names at least one tensor");
    }
    var files = new TreeMap<String, String>();
    for (String name : map.keys()) {
      if (!(map.value(name).orElseThrow() instanceof String file)
          || !file.endsWith(ending)
          || file.startsWith(".")
          || !file.matches("[\\w.+=@ -]{1,255}")) {
        throw map.malformed(
            name, "\"weight_map\" gives names of " + ending + " files in the same folder");
      }
      if (!present.test(file)) {
        throw map.malformed(
            name,
            "the files that it names are there, but "
                + file
                + " is missing: the folder is incomplete, get it again");
      }
      files.put(name, file);
    }
    return new WeightIndex(json, Collections.unmodifiableMap(files));
  }

  /// The exception for a tensor of which the index says something untrue.
  RuntimeException wrong(String name, String rule) {
    JsonObject map = (JsonObject) json.value("weight_map").orElseThrow();
    return map.malformed(name, rule);
  }
}
