package dev.quintet.core.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// A lock on a folder that one holder has at a time, among all processes and within this one, and that dies with its
/// process.
///
/// It is the operating system's lock on an empty file `.lock` in the folder. The file stays: who removed it could
/// remove it from under another's hands.
public final class FolderLock implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(FolderLock.class.getName());
  private static final String NAME = ".lock";

  // A POSIX lock goes when any descriptor of its file is closed, so this process asks itself before
  // it opens one.
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final FileChannel channel;

  private FolderLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /// The lock on an existing folder, or nothing if somebody else has it. A file system that knows no locks is used
  /// without one, which the log says.
  ///
  /// @throws UncheckedIOException if the folder is not there or cannot be written
  public static Optional<FolderLock> take(Path folder) {
    Path place;
    try {
      place = folder.toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot lock the folder " + folder + ": " + e, e);
    }
    if (!HELD.add(place)) {
      return Optional.empty();
    }
    @Nullable FolderLock taken = null;
    try {
      taken = open(place);
      return Optional.ofNullable(taken);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot lock the folder " + folder + ": " + e, e);
    } finally {
      if (taken == null) {
        HELD.remove(place);
      }
    }
  }

  private static @Nullable FolderLock open(Path place) throws IOException {
    FileChannel channel =
        FileChannel.open(
            place.resolve(NAME),
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
    @Nullable FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (IOException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          place
              + " lies on a file system without locks ("
              + e.getMessage()
              + "): nothing keeps a second process from writing there");
      return new FolderLock(place, channel);
    }
    if (lock == null) {
      channel.close();
      return null;
    }
    return new FolderLock(place, channel);
  }

  /// Takes the lock's file away, for a folder in which nothing was begun; the lock is held until it is closed.
  public void discard() {
    try {
      Files.deleteIfExists(folder.resolve(NAME));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + folder.resolve(NAME), e);
    }
  }

  /// Gives the lock back.
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unlock the folder " + folder + ": " + e, e);
    } finally {
      HELD.remove(folder);
    }
  }
}
