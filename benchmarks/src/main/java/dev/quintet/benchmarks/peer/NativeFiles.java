package dev.quintet.benchmarks.peer;

import dev.quintet.benchmarks.contest.MissingPeerException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// Native libraries unpacked from jars, and what else is made once for all turns of a run.
public final class NativeFiles {
  /// The property that names the folder where they are unpacked; without it each process has its own.
  public static final String FOLDER = "peer.folder";

  private NativeFiles() {}

  /// A folder for one peer's files.
  ///
  /// @param peer its name
  public static Path folder(String peer) {
    try {
      String given = System.getProperty(FOLDER);
      if (given != null) {
        return Files.createDirectories(Path.of(given, peer));
      }
      Path folder = Files.createTempDirectory(peer);
      folder.toFile().deleteOnExit();
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make a folder for " + peer + ": " + e, e);
    }
  }

  /// Whether folders are those of a whole run, which removes them at its end.
  public static boolean areShared() {
    return System.getProperty(FOLDER) != null;
  }

  /// Unpacks a library, if it is not there yet.
  ///
  /// @param peer its name
  /// @param resource where it lies in the jar
  /// @throws MissingPeerException if it is not on the class path
  static Path unpack(String peer, Path folder, String resource) {
    Path file = folder.resolve(resource.substring(resource.lastIndexOf('/') + 1));
    if (Files.exists(file)) {
      return file;
    }
    try (InputStream in = NativeFiles.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new MissingPeerException(
            "no "
                + resource
                + " on the class path: "
                + peer
                + " is fetched by ./quintet bench, on Linux for x86-64");
      }
      Path part = Files.createTempFile(folder, "part", "");
      Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unpack " + resource + ": " + e, e);
    }
    if (!areShared()) {
      file.toFile().deleteOnExit();
    }
    return file;
  }
}
