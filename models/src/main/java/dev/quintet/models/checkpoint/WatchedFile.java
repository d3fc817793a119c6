package dev.quintet.models.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.Objects;

/// A mapped file in which parameters lie, and what it was like when it was loaded.
///
/// The system shows what is written into the file later where a page was not trained yet. A file that is replaced or
/// deleted is another matter: the mapping keeps the old one.
final class WatchedFile {
  private static final int SAMPLES = 64;
  private static final int SAMPLE_BYTES = 64;

  private final Path path;
  private final BasicFileAttributes before;
  private final byte[] sample;
  private volatile FileTime seen;

  private WatchedFile(Path path, BasicFileAttributes before, byte[] sample) {
    this.path = path;
    this.before = before;
    this.sample = sample;
    this.seen = before.lastModifiedTime();
  }

  /// Remembers a file as it is.
  static WatchedFile of(Path path) throws IOException {
    BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
    return new WatchedFile(path, now, sample(path, now.size()));
  }

  /// Asks the system whether the file was changed in place; contents are looked at only where its time is another one.
  ///
  /// @throws CheckpointException if it was
  void check() {
    try {
      BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
      boolean replaced = !Objects.equals(now.fileKey(), before.fileKey());
      if (replaced || now.size() == before.size() && now.lastModifiedTime().equals(seen)) {
        return;
      }
      if (now.size() != before.size()) {
        throw changed("had " + before.size() + " bytes and has " + now.size());
      }
      if (!Arrays.equals(sample, sample(path, now.size()))) {
        throw changed("has other contents since " + now.lastModifiedTime());
      }
      seen = now.lastModifiedTime();
    } catch (NoSuchFileException e) {
      // The mapping outlives the name.
    } catch (IOException e) {
      throw changed("cannot be read any more: " + e);
    }
  }

  private CheckpointException changed(String how) {
    return new CheckpointException(
        path
            + " was changed in place while a model was loaded from it ("
            + how
            + "), so that the model is neither the old nor the new one: load it again; replace files by renaming"
            + " others, or load with LoadOptions.DEFAULT.withCopy()");
  }

  private static byte[] sample(Path path, long size) throws IOException {
    var bytes = ByteBuffer.allocate(SAMPLES * SAMPLE_BYTES);
    try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
      for (int i = 0; i < SAMPLES; i++) {
        long at = Math.max(0, size - SAMPLE_BYTES) / (SAMPLES - 1) * i;
        bytes.limit((i + 1) * SAMPLE_BYTES).position(i * SAMPLE_BYTES);
        while (bytes.hasRemaining()) {
          int count = channel.read(bytes, at + bytes.position() - (long) i * SAMPLE_BYTES);
          if (count < 0) {
            break;
          }
        }
      }
    }
    return bytes.array();
  }
}
