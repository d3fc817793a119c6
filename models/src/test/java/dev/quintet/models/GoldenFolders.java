package dev.quintet.models;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;

/// Where the recorded models lie.
public final class GoldenFolders {
  private GoldenFolders() {}

  /// A folder of recordings, such as `t5-v1.0`.
  public static Path of(String name) {
    URL config = GoldenFolders.class.getResource("/golden/" + name + "/config.json");
    try {
      return Objects.requireNonNull(
          Path.of(Objects.requireNonNull(config, name).toURI()).getParent());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
