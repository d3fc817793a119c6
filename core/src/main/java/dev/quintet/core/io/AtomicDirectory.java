package dev.quintet.core.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Directories that appear whole or not at all: checkpoints and model folders.
///
/// [#write] fills a directory `.tmp-NAME.PID-N` beside the target, forces each file to the disk,
/// writes `manifest.json` last with length and CRC32C of each, forces the directory, renames it in
/// one step and forces the parent. So a directory with a manifest that verifies is complete,
/// whatever killed the process that wrote it.
///
/// A file system renames no directory over another, so replacing takes two steps: the present one
/// becomes `.replaced-NAME`, then the new one takes its place. A process killed in between leaves
/// the old one, complete, under its other name: [#locate] finds it for readers and [#clean] puts it
/// back.
///
/// What somebody else put into a directory that is replaced, its manifest does not name: it moves into the new
/// one, or, where its name is taken there, all of the old one stays as `NAME.kept-N`.
///
/// One process writes in a parent at a time. `kill -9` cannot damage anything; against power loss
/// the file system must keep what was forced.
public final class AtomicDirectory {
  /// The file that lists a directory's others with their lengths and checksums.
  public static final String MANIFEST = Manifest.NAME;

  private static final System.Logger LOG = System.getLogger(AtomicDirectory.class.getName());
  private static final String OLD = ".replaced-";

  private AtomicDirectory() {}

  /// What fills a directory.
  @FunctionalInterface
  public interface Content {
    /// Writes all files into the folder, which is empty.
    void writeTo(Path folder) throws IOException;
  }

  /// Writes a directory, in place of any before it, and cleans the parent first.
  ///
  /// The content may not write a `manifest.json`. Nothing is lost that another [#write] has not made: see above. A
  /// file or link of the target's name stays as `NAME.kept-N`, too.
  ///
  /// @throws UncheckedIOException if it cannot be written; what was there before is then still
  ///     there
  public static void write(Path target, Content content) {
    Path place = target.toAbsolutePath().normalize();
    Path parent = Leftovers.parent(place);
    try {
      Files.createDirectories(parent);
      clean(parent);
      Path temporary = Leftovers.fresh(place);
      try {
        Files.createDirectory(temporary);
        content.writeTo(temporary);
        if (Files.exists(temporary.resolve(Manifest.NAME))) {
          throw new IllegalStateException(
              "writing " + target + ": " + Manifest.NAME + " is kept for the list of files");
        }
        Manifest.seal(temporary);
        AtomicFile.force(temporary);
        publish(temporary, place);
        AtomicFile.force(parent);
      } finally {
        Leftovers.done(temporary);
      }
      retire(place);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the directory " + target + ": " + e, e);
    }
  }

  private static void publish(Path complete, Path place) throws IOException {
    if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
      if (Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
        Files.move(place, old(place), StandardCopyOption.ATOMIC_MOVE);
      } else {
        keep(place, place);
      }
    }
    try {
      Files.move(complete, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (Files.exists(old(place))) {
        Files.move(old(place), place, StandardCopyOption.ATOMIC_MOVE);
      }
      throw e;
    }
  }

  /// Removes the directory that was replaced, but for what its manifest does not name.
  private static void retire(Path place) throws IOException {
    Path old = old(place);
    if (!Files.exists(old, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    List<Path> strangers = strangers(old);
    boolean room =
        strangers.stream()
            .map(stranger -> place.resolve(old.relativize(stranger)))
            .noneMatch(path -> Files.exists(path, LinkOption.NOFOLLOW_LINKS));
    if (!room) {
      keep(old, place);
      return;
    }
    for (Path stranger : strangers) {
      Path path = place.resolve(old.relativize(stranger));
      Files.createDirectories(Leftovers.parent(path));
      Files.move(stranger, path, StandardCopyOption.ATOMIC_MOVE);
    }
    delete(old);
  }

  private static void keep(Path found, Path place) throws IOException {
    int number = 1;
    Path kept;
    do {
      kept = place.resolveSibling(place.getFileName() + ".kept-" + number++);
    } while (Files.exists(kept, LinkOption.NOFOLLOW_LINKS));
    Files.move(found, kept, StandardCopyOption.ATOMIC_MOVE);
    LOG.log(
        System.Logger.Level.WARNING,
        "what was at {0} was not all written by this program; it is kept as {1}",
        place,
        kept);
  }

  /// What a directory holds beside the files that its manifest names, at any depth: files, folders (each without what
  /// is in it) and links, in order. Without a manifest that can be read, that is all it holds; where there is no
  /// directory, nothing.
  ///
  /// @throws UncheckedIOException if it cannot be read
  public static List<Path> strangers(Path directory) {
    return Manifest.strangers(directory);
  }

  /// Checks a directory against its manifest, reading every file that it names.
  ///
  /// @throws MalformedFileException if there is no manifest, or a file is missing or differs
  /// @throws UncheckedIOException if it cannot be read
  public static void verify(Path directory) {
    Manifest.verify(directory);
  }

  /// Whether there is a directory whose manifest verifies.
  public static boolean isComplete(Path directory) {
    try {
      Manifest.verify(directory);
      return true;
    } catch (MalformedFileException | UncheckedIOException e) {
      return false;
    }
  }

  /// Where a directory is to be read: at its own place, or, where replacing it was cut short, under
  /// the name of the one before; empty where neither verifies.
  public static Optional<Path> locate(Path target) {
    Path place = target.toAbsolutePath().normalize();
    // The last look is at the place again: a writer may just have put the new one there.
    return List.of(place, old(place), place).stream()
        .filter(AtomicDirectory::isComplete)
        .findFirst();
  }

  /// The newest complete directory of those named prefix + number, such as `step-` and `step-1200`.
  ///
  /// Newest is the highest number; one that does not verify is passed over.
  public static Optional<Path> newest(Path parent, String prefix) {
    return numbered(parent, prefix).reversed().stream()
        .filter(AtomicDirectory::isComplete)
        .findFirst();
  }

  /// The directories named prefix + number, by growing number, complete or not.
  public static List<Path> numbered(Path parent, String prefix) {
    return Leftovers.list(parent, prefix).stream()
        .filter(path -> number(path, prefix) >= 0 && Files.isDirectory(path))
        .sorted(Comparator.comparingLong(path -> number(path, prefix)))
        .toList();
  }

  private static long number(Path path, String prefix) {
    String digits = String.valueOf(path.getFileName()).substring(prefix.length());
    return digits.matches("[0-9]{1,18}") ? Long.parseLong(digits) : -1;
  }

  /// Removes what killed processes left in a parent, and puts back what they were replacing.
  ///
  /// @throws UncheckedIOException if something cannot be removed
  public static void clean(Path parent) {
    Path folder = parent.toAbsolutePath().normalize();
    Leftovers.removeIn(folder);
    for (Path old : Leftovers.list(folder, OLD)) {
      String name = String.valueOf(old.getFileName()).substring(OLD.length());
      Path place = folder.resolve(name);
      try {
        if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
          retire(place);
        } else {
          Files.move(old, place, StandardCopyOption.ATOMIC_MOVE);
          AtomicFile.force(folder);
        }
      } catch (IOException e) {
        throw new UncheckedIOException("cannot restore " + place + " from " + old + ": " + e, e);
      }
    }
  }

  /// Removes a directory, whatever it holds ([#strangers] says what is not of this program), so that no reader ever
  /// takes a half-deleted one for complete.
  ///
  /// @throws UncheckedIOException if it cannot be removed
  public static void delete(Path directory) {
    Path place = directory.toAbsolutePath().normalize();
    if (!Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Path temporary = Leftovers.fresh(place);
    try {
      if (!Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
        throw new NotDirectoryException(place.toString());
      }
      Files.move(place, temporary, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete the directory " + directory + ": " + e, e);
    } finally {
      Leftovers.done(temporary);
    }
  }

  private static Path old(Path place) {
    return place.resolveSibling(OLD + place.getFileName());
  }
}
