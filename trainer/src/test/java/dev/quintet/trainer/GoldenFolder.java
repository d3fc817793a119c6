package dev.quintet.trainer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Recorded results: the model is among the resources of the models' tests, its trainings among the trainer's.
public final class GoldenFolder {
  /// The folder of the whole project.
  public static final Path PROJECT = project();

  private GoldenFolder() {}

  /// Copies model and trainings of a recording.
  ///
  /// @param name `t5-v1.0` or `t5-v1.1`
  public static void copy(String name, Path folder) throws IOException {
    for (String file : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(recorded("models", name).resolve(file), folder.resolve(file));
    }
    for (String file : new String[] {"training.json", "training.safetensors"}) {
      Files.copy(recorded("trainer", name).resolve(file), folder.resolve(file));
    }
  }

  private static Path recorded(String module, String name) {
    return PROJECT.resolve(module).resolve(Path.of("src", "test", "resources", "golden", name));
  }

  private static Path project() {
    Path folder = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    while (!Files.exists(folder.resolve("quintet"))) {
      folder = folder.getParent();
    }
    return folder;
  }
}
