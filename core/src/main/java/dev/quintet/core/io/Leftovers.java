package dev.quintet.core.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Names and removes what is being written: `.tmp-NAME.PID-N`, beside the target.
///
/// The process number tells the leftover of a killed process from the work of a live one.
final class Leftovers {
  static final String PREFIX = ".tmp-";

  private static final Pattern NAME =
      Pattern.compile(Pattern.quote(PREFIX) + ".+\\.([0-9]{1,18})-[0-9]{1,18}");
  private static final long PID = ProcessHandle.current().pid();
  private static final AtomicLong COUNTER = new AtomicLong();
  private static final Set<Path> IN_USE = ConcurrentHashMap.newKeySet();

  private Leftovers() {}

  /// A new temporary path beside a target; [#done] gives it back.
  static Path fresh(Path target) {
    Path temporary =
        target.resolveSibling(
            PREFIX + target.getFileName() + "." + PID + "-" + COUNTER.getAndIncrement());
    IN_USE.add(temporary);
    return temporary;
  }

  /// Removes a temporary path, if it is still there, and forgets it.
  static void done(Path temporary) {
    try {
      delete(temporary);
    } finally {
      IN_USE.remove(temporary);
    }
  }

  /// Removes what dead processes left of writing this target.
  static void removeOf(Path target) {
    remove(parent(target), PREFIX + target.getFileName() + ".");
  }

  /// Removes what dead processes left of writing anything in this folder.
  static void removeIn(Path folder) {
    remove(folder, PREFIX);
  }

  private static void remove(Path folder, String prefix) {
    for (Path path : list(folder, prefix)) {
      if (isAbandoned(path)) {
        delete(path);
      }
    }
  }

  /// The folder's entries whose names begin so, in order of names; none where there is no folder.
  static List<Path> list(Path folder, String prefix) {
    var paths = new ArrayList<Path>();
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(
            folder, path -> String.valueOf(path.getFileName()).startsWith(prefix))) {
      entries.forEach(paths::add);
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder + ": " + e, e);
    }
    paths.sort(null);
    return paths;
  }

  private static boolean isAbandoned(Path path) {
    Matcher name = NAME.matcher(String.valueOf(path.getFileName()));
    if (!name.matches()) {
      return false; // somebody else's file
    }
    long pid = Long.parseLong(name.group(1));
    // A process number may come again after a restart; then what is not in use here is old.
    return pid == PID
        ? !IN_USE.contains(path.toAbsolutePath())
        : ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty();
  }

  /// The folder of an absolute path.
  static Path parent(Path target) {
    @Nullable Path parent = target.getParent();
    if (parent == null) {
      throw new IllegalArgumentException(target + " is a root and cannot be written");
    }
    return parent;
  }

  /// Deletes a file, or a folder with all it holds, if it is there; links are not followed.
  static void delete(Path path) {
    try {
      Files.walkFileTree(
          path,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure)
                throws IOException {
              if (failure instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
              }
              throw failure;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
                throws IOException {
              if (failure != null) {
                throw failure;
              }
              Files.deleteIfExists(folder);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + path + ": " + e, e);
    }
  }
}
