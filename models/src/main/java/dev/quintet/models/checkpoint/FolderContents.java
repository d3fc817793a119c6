package dev.quintet.models.checkpoint;

import dev.quintet.models.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// What a folder holds that is no whole model, as an answer to whoever took it for one.
final class FolderContents {
  static final String ADAPTER = "adapter_config.json";

  private static final List<String> OTHER_FRAMEWORKS =
      List.of("tf_model.h5", "flax_model.msgpack", "model.ckpt.index", "rust_model.ot");

  private FolderContents() {}

  /// A file, if it is one: nothing is read from pipes and devices, which may never end.
  ///
  /// @throws CheckpointException if there is something else under its name
  static Path plain(Path file) {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new CheckpointException(
          file
              + (Files.isDirectory(file) ? " is a folder" : " is a pipe or a device")
              + ", where a file is expected");
    }
    return file;
  }

  /// The exception for a place without `config.json` or without weights.
  ///
  /// @param lacks what was looked for, `it has no config.json`
  static CheckpointException noModel(Path place, String lacks) {
    if (!Files.exists(place)) {
      boolean link = Files.exists(place, LinkOption.NOFOLLOW_LINKS);
      return new CheckpointException(
          link ? place + " is a link to what is not there" : "there is no file or folder " + place);
    }
    if (!Files.isDirectory(place)) {
      return new CheckpointException(place + " is no folder: a model is one, with config.json");
    }
    List<String> names = names(place);
    if (names.isEmpty()) {
      return new CheckpointException(
          place + " is empty: a model folder has at least config.json and model.safetensors");
    }
    return new CheckpointException(place + " is no model folder: " + lacks + why(place, names));
  }

  private static String why(Path place, List<String> names) {
    if (names.contains(ADAPTER)) {
      return "; it holds an adapter"
          + adapted(place.resolve(ADAPTER))
          + ", which is no model of its own: give its model, and the adapter beside it with --adapter or"
          + " Adapters.load; or make one model of both with ./quintet convert MODEL OUT --merge "
          + place;
    }
    for (String name : names) {
      if (Files.isSymbolicLink(place.resolve(name)) && !Files.exists(place.resolve(name))) {
        return "; " + name + " is a link to what is not there: fetch the model again";
      }
    }
    for (String name : OTHER_FRAMEWORKS) {
      if (names.contains(name)) {
        return "; there is " + name + ", which is not read: convert it with transformers";
      }
    }
    for (String wanted : List.of(Checkpoint.CONFIG, Weights.SINGLE, Weights.PICKLE)) {
      Optional<String> near =
          names.stream().filter(n -> n.equalsIgnoreCase(wanted) && !n.equals(wanted)).findFirst();
      if (near.isPresent()) {
        return "; there is " + near.get() + ", which must be called " + wanted;
      }
    }
    List<String> other =
        names.stream()
            .filter(n -> n.endsWith(Weights.SAFETENSORS) && !n.equals(Weights.SINGLE))
            .toList();
    Optional<Path> below = below(place, names);
    if (below.isPresent()) {
      return "; there is a model in " + below.get() + ": give that folder";
    }
    return other.isEmpty()
        ? ""
        : String.format(
            Locale.ROOT,
            "; there is %s, but neither %s nor %s",
            other.getFirst(),
            Weights.SINGLE,
            Weights.INDEX);
  }

  /// A model one level below, or a snapshot of a repository's folder in the hub's cache.
  private static Optional<Path> below(Path place, List<String> names) {
    if (names.contains("snapshots")) {
      Path snapshots = place.resolve("snapshots");
      return below(snapshots, names(snapshots));
    }
    return names.stream()
        .map(place::resolve)
        .filter(path -> Files.isRegularFile(path.resolve(Checkpoint.CONFIG)))
        .findFirst();
  }

  private static String adapted(Path file) {
    try {
      JsonObject keys = JsonObject.read(file);
      Optional<String> base = keys.string("base_model_name_or_path");
      return " ("
          + keys.string("peft_type").orElse("PEFT")
          + ")"
          + base.map(b -> " for " + b).orElse("");
    } catch (RuntimeException e) {
      // Its name says enough.
      return "";
    }
  }

  private static List<String> names(Path folder) {
    try (Stream<Path> present = Files.list(folder)) {
      return present.map(path -> String.valueOf(path.getFileName())).sorted().toList();
    } catch (IOException e) {
      return List.of("?");
    }
  }
}
