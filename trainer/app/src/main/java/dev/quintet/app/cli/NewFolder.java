package dev.quintet.app.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/// A folder that a command is to fill, in which nothing is yet: nothing is ever overwritten in it.
final class NewFolder {

  private NewFolder() {}

  /// The folder, which need not exist.
  ///
  /// @throws IllegalArgumentException if something is there
  static Path of(String name) {
    if (name.isBlank()) {
      throw new IllegalArgumentException(
          "the folder to write to has an empty name; name one that is not there yet");
    }
    Path out = Path.of(name);
    boolean taken = Files.exists(out, LinkOption.NOFOLLOW_LINKS);
    if (taken && Files.isDirectory(out, LinkOption.NOFOLLOW_LINKS)) {
      try (var inside = Files.list(out)) {
        taken = inside.findAny().isPresent();
      } catch (IOException e) {
        throw new UncheckedIOException("cannot list " + out + ": " + e, e);
      }
    }
    if (taken) {
      throw new IllegalArgumentException(
          out
              + " is there already, and nothing is overwritten: move it away, or name another folder");
    }
    return out;
  }
}
