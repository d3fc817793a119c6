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

/// Writes a file so that it appears whole or not at all.
final class AtomicFile {

  private AtomicFile() {}

  static void write(Path file, String text) {
    try {
      Path folder = file.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      Path part = Files.createTempFile(folder, "." + file.getFileName(), ".part");
      try {
        try (var channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
          ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
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

  /// Reads a file that may have at most [JsonReader#MAX_BYTES].
  static byte[] read(Path file) {
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
