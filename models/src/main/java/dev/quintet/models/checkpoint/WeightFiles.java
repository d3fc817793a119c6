package dev.quintet.models.checkpoint;

import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.models.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// The weights of a folder: one `model.safetensors`, or the shards that `model.safetensors.index.json` lists.
final class WeightFiles implements AutoCloseable {
  static final String SINGLE = "model.safetensors";
  static final String INDEX = "model.safetensors.index.json";

  private final Map<String, SafetensorsFile> files;
  private final TreeMap<String, SafetensorsFile> byName = new TreeMap<>();

  private WeightFiles(Map<String, SafetensorsFile> files) {
    this.files = files;
  }

  static WeightFiles open(Path folder) {
    var weights = new WeightFiles(new LinkedHashMap<>());
    boolean opened = false;
    try {
      if (Files.exists(folder.resolve(SINGLE))) {
        SafetensorsFile file = weights.file(folder, SINGLE);
        file.names().forEach(name -> weights.byName.put(name, file));
      } else if (Files.exists(folder.resolve(INDEX))) {
        weights.openShards(folder);
      } else {
        throw new CheckpointException(
            folder + " holds neither " + SINGLE + " nor " + INDEX + ": is it a model folder?");
      }
      opened = true;
      return weights;
    } finally {
      if (!opened) {
        weights.close();
      }
    }
  }

  private void openShards(Path folder) {
    JsonObject index = JsonObject.read(folder.resolve(INDEX));
    JsonObject map =
        index
            .object("weight_map")
            .orElseThrow(
                () -> new CheckpointException(index.source() + " has no key \"weight_map\""));
    for (String name : map.keys()) {
      String shard = map.string(name).orElseThrow();
      if (!shard.endsWith(".safetensors") || !Path.of(shard).equals(Path.of(shard).getFileName())) {
        throw map.wrong(name, "the name of a safetensors file in the same folder", shard);
      }
      SafetensorsFile file = file(folder, shard);
      if (!file.contains(name)) {
        throw new CheckpointException(
            index.source() + " says that " + name + " is in " + shard + ", and it is not");
      }
      byName.put(name, file);
    }
  }

  private SafetensorsFile file(Path folder, String name) {
    return files.computeIfAbsent(name, key -> SafetensorsFile.open(folder.resolve(key)));
  }

  Set<String> names() {
    return byName.keySet();
  }

  Optional<SafetensorsFile> holder(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  @Override
  public void close() {
    files.values().forEach(SafetensorsFile::close);
  }
}
