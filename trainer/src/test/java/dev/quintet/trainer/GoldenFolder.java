package dev.quintet.trainer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Recorded results: the model is among the resources of the models' tests, its trainings among ours.
public final class GoldenFolder {
  private GoldenFolder() {}

  /// Copies model and trainings of a recording.
  ///
  /// @param name `t5-v1.0` or `t5-v1.1`
  public static void copy(String name, Path folder) throws IOException {
    Path base = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    Path resources = Path.of("src", "test", "resources", "golden", name);
    for (String file : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(
          base.resolveSibling("models").resolve(resources).resolve(file), folder.resolve(file));
    }
    for (String file : new String[] {"training.json", "training.safetensors"}) {
      Files.copy(base.resolve(resources).resolve(file), folder.resolve(file));
    }
  }
}
