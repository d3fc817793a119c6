package dev.quintet.tokenizers.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/// Reads and writes files: none larger than a limit, and none that appears half written.
public final class TokenizerFiles {

  /// Larger than any tokenizer in use.
  public static final int MAX_BYTES = 64 << 20;

  private TokenizerFiles() {}

  public static void write(Path file, String text) {
    write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  public static void write(Path file, byte[] content) {
    try {
      if (Files.isDirectory(file)) {
        throw new FileSystemException(file.toString(), null, "is a folder, expected a file");
      }
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        // A device or a pipe is not to be replaced by a file.
        Files.write(file, content, StandardOpenOption.WRITE);
        return;
      }
      replace(Files.exists(file) ? file.toRealPath() : file.toAbsolutePath(), content);
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot write " + file, named(file, failed));
    }
  }

  private static void replace(Path file, byte[] content) throws IOException {
    Path folder = file.getParent();
    if (folder != null) {
      try {
        Files.createDirectories(folder);
      } catch (FileAlreadyExistsException taken) {
        throw new NotDirectoryException(taken.getFile());
      }
    }
    // Not by createTempFile, whose files are for their owner alone.
    Path part = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID() + ".part");
    try {
      try (FileChannel channel = begin(part, file)) {
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
  }

  private static FileChannel begin(Path part, Path file) throws IOException {
    try {
      return FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (NoSuchFileException _) {
      // Of the file that was asked for, not of its part.
      throw new NoSuchFileException(file.toString(), null, "no file can be made there");
    } catch (AccessDeniedException _) {
      throw new AccessDeniedException(file.toString());
    }
  }

  /// A disk error says only "No space left on device": the file's name is added.
  private static IOException named(Path file, IOException failed) {
    if (failed instanceof FileSystemException) {
      return failed;
    }
    var named = new FileSystemException(file.toString(), null, failed.getMessage());
    named.initCause(failed);
    return named;
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
      if (size > MAX_BYTES) {
        throw new MalformedFileException(
            file, "offset 0", "at most " + MAX_BYTES + " bytes allowed, got " + size);
      }
      return Files.readAllBytes(file);
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot read " + file, named(file, failed));
    }
  }
}
