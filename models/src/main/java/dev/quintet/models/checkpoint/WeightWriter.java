package dev.quintet.models.checkpoint;

import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.AtomicFiles;
import dev.quintet.core.io.SafetensorsWriter;
import dev.quintet.core.io.TensorSpec;
import dev.quintet.models.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Writes weights as one file or as shards with an index, cut and named as Hugging Face's libraries do.
///
/// A tensor that is larger than a shard has a file of its own; the others fill shards in their order
/// (`split_torch_state_dict_into_shards` of huggingface_hub 1.x).
final class WeightWriter {
  private static final String SHARD = "model-\\d{5}-of-\\d{5}\\.safetensors";

  private final Path folder;
  private final AtomicFiles files;
  private final SafetensorsWriter.Bytes bytes;

  /// @param files where the files go
  /// @param bytes writes a tensor's bytes
  WeightWriter(Path folder, AtomicFiles files, SafetensorsWriter.Bytes bytes) {
    this.folder = folder;
    this.files = files;
    this.bytes = bytes;
  }

  /// Stages the weights, and the removal of other weights in safetensors that the folder holds.
  ///
  /// @param tensors in the order in which shards are filled
  void write(Map<String, TensorSpec> tensors, long shardBytes, Runnable config) {
    List<Map<String, TensorSpec>> shards = split(tensors, shardBytes);
    if (shards.size() == 1) {
      config.run();
      put(Weights.SINGLE, shards.getFirst());
      files.remove(Weights.INDEX);
      removeOldShards(0);
      return;
    }
    // What is read first goes first: a folder between two states has no weights rather than mixed
    // ones.
    files.remove(Weights.INDEX);
    files.remove(Weights.SINGLE);
    config.run();
    var map = new TreeMap<String, Object>();
    for (int i = 0; i < shards.size(); i++) {
      String name = name(i, shards.size());
      put(name, shards.get(i));
      shards.get(i).keySet().forEach(tensor -> map.put(tensor, name));
    }
    long size = tensors.values().stream().mapToLong(TensorSpec::bytes).sum();
    long count = tensors.values().stream().mapToLong(spec -> spec.shape().elements()).sum();
    JsonObject index =
        JsonObject.of(
            Map.of(
                "metadata",
                JsonObject.of(Map.of("total_size", size, "total_parameters", count)),
                "weight_map",
                JsonObject.of(map)));
    files.write(Weights.INDEX, index.toString());
    config.run();
    files.remove(Weights.SINGLE);
    removeOldShards(shards.size());
  }

  private void put(String name, Map<String, TensorSpec> tensors) {
    AtomicFile.Content content =
        SafetensorsWriter.content(folder.resolve(name), tensors, SafetensorsWriter.PYTORCH, bytes);
    files.write(name, content);
  }

  private static String name(int shard, int count) {
    return String.format("model-%05d-of-%05d.safetensors", shard + 1, count);
  }

  private void removeOldShards(int count) {
    try (Stream<Path> present = Files.list(folder)) {
      present
          .map(path -> String.valueOf(path.getFileName()))
          .filter(name -> name.matches(SHARD))
          .filter(name -> !name.endsWith(String.format("-of-%05d.safetensors", count)))
          .sorted()
          .forEach(files::remove);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder + ": " + e, e);
    }
  }

  static List<Map<String, TensorSpec>> split(Map<String, TensorSpec> tensors, long shardBytes) {
    var shards = new ArrayList<Map<String, TensorSpec>>();
    var current = new LinkedHashMap<String, TensorSpec>();
    long filled = 0;
    for (var tensor : tensors.entrySet()) {
      long size = tensor.getValue().bytes();
      if (size > shardBytes) {
        shards.add(Map.of(tensor.getKey(), tensor.getValue()));
        continue;
      }
      if (filled + size > shardBytes) {
        shards.add(current);
        current = new LinkedHashMap<>();
        filled = 0;
      }
      current.put(tensor.getKey(), tensor.getValue());
      filled += size;
    }
    if (!current.isEmpty() || shards.isEmpty()) {
      shards.add(current);
    }
    return shards;
  }
}
