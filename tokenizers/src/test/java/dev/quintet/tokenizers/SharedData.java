package dev.quintet.tokenizers;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Public models and recordings of others, too large or not ours to keep here: a folder
/// `shared/data/tokenizers` beside one of the folders above, or `-Dquintet.data=FOLDER`. Tests
/// that need one are skipped where there is none.
public final class SharedData {

  private SharedData() {}

  public static Path file(String name) {
    Path found = Path.of(System.getProperty("quintet.data", "no such folder")).resolve(name);
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path here = at.resolve("shared/data/tokenizers").resolve(name);
      if (!Files.exists(found) && Files.exists(here)) {
        found = here;
      }
    }
    assumeTrue(Files.exists(found), "no " + name + " here");
    return found;
  }

  public static Object json(String name) {
    return Golden.json(bytes(name));
  }

  public static byte[] bytes(String name) {
    try {
      return Files.readAllBytes(file(name));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
