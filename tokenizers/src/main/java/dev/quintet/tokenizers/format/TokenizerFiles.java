package dev.quintet.tokenizers.format;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/// Reads and writes files: none larger than a limit, and none that appears half written.
public final class TokenizerFiles {

  private TokenizerFiles() {}

  static void write(Path file, String text) {
    write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  static void write(Path file, byte[] content) {
    try {
      Path folder = file.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      // Not by createTempFile, whose files are for their owner alone.
      Path part = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID() + ".part");
      try {
        try (var channel =
            FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
          ByteBuffer bytes = ByteBuffer.wrap(content);
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
          channel.force(true);
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot write " + file, failed);
    }
  }

  /// Reads a file.
  ///
  /// @param file the file, at most 64 MiB
  /// @return its bytes
  /// @throws MalformedFileException when it is larger
  /// @throws UncheckedIOException when it cannot be read
  public static byte[] read(Path file) {
    try {
      long size = Files.size(file);
      if (size > JsonReader.MAX_BYTES) {
        throw new MalformedFileException(
            file, "offset 0", "at most " + JsonReader.MAX_BYTES + " bytes allowed, got " + size);
      }
      return Files.readAllBytes(file);
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot read " + file, failed);
    }
  }
}
