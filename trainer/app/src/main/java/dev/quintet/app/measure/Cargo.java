package dev.quintet.app.measure;

import dev.quintet.app.demo.PreparedDemo;
import dev.quintet.core.io.JsonText;
import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.io.SafetensorsWriter;
import dev.quintet.core.io.TensorData;
import dev.quintet.models.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Lays down what the bundle holds besides programs: recorded models, and the demo's data. For the script `bundle`.
public final class Cargo {
  private static final String TRAJECTORIES = "training.json";
  private static final String TRAINING = "training.safetensors";

  private Cargo() {}

  /// Lays it down.
  ///
  /// @param arguments where to; the sources that the demo's data are made of, `-` for the JDK's; folders of recorded models
  public static void main(String... arguments) throws IOException {
    Path root = Path.of(arguments[0]);
    Optional<Path> sources =
        arguments[1].equals("-") ? Optional.empty() : Optional.of(Path.of(arguments[1]));
    for (int i = 2; i < arguments.length; i++) {
      Path folder = Path.of(arguments[i]).toAbsolutePath().normalize();
      recorded(folder, root.resolve("golden").resolve(String.valueOf(folder.getFileName())));
    }
    int methods = PreparedDemo.prepare(sources, root.resolve("golden").resolve("demo"));
    System.err.println("quintet bundle: the demo's data are " + methods + " methods to learn from");
  }

  /// A recorded model with one of its trainings, and without the parameters that these ended in: losses and norms tell.
  static void recorded(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = to.resolve(String.valueOf(file.getFileName()));
        switch (String.valueOf(file.getFileName())) {
          case TRAJECTORIES -> {
            JsonObject all = JsonObject.read(file);
            String first = all.has("adamw") ? "adamw" : all.keys().iterator().next();
            Files.writeString(
                copy, JsonText.of(Map.of(first, all.value(first).orElseThrow())) + "\n");
          }
          case TRAINING -> batches(file, copy);
          default -> Files.copy(file, copy);
        }
      }
    }
  }

  private static void batches(Path from, Path to) {
    try (var file = SafetensorsFile.open(from)) {
      var batches = new TreeMap<String, TensorData>();
      for (String name : file.names()) {
        if (name.startsWith("batch.")) {
          var entry = file.entry(name);
          batches.put(name, new TensorData(entry.type(), entry.shape(), file.segment(name)));
        }
      }
      SafetensorsWriter.write(to, batches);
    }
  }
}
