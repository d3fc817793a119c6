package dev.quintet.core.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// Writes files that appear whole or not at all, whenever the process dies.
///
/// The bytes go to a file `.tmp-NAME.PID-N` in the same folder (a rename does not cross file
/// systems), are forced to the disk, and take the target's name in one step; then the folder is
/// forced. A leftover of a process that has died is removed by the next write of the same file.
public final class AtomicFile {
  private static final int STAGE = 1 << 20;

  private AtomicFile() {}

  /// What writes the contents.
  @FunctionalInterface
  public interface Content {
    /// Writes everything, from the beginning.
    void writeTo(Output out) throws IOException;
  }

  /// Where the contents go, in order.
  @FunctionalInterface
  public interface Output {
    /// Appends all bytes of a segment.
    void write(MemorySegment bytes) throws IOException;
  }

  /// Writes a file of these bytes, in place of any before it.
  ///
  /// @throws UncheckedIOException if it cannot be written; what was there before is then still
  ///     there
  public static void write(Path path, byte[] bytes) {
    write(path, out -> out.write(MemorySegment.ofArray(bytes)));
  }

  /// Writes a file of this text in UTF-8, in place of any before it.
  ///
  /// @throws UncheckedIOException if it cannot be written; what was there before is then still
  ///     there
  public static void write(Path path, String text) {
    write(path, text.getBytes(StandardCharsets.UTF_8));
  }

  /// Writes a file, in place of any before it.
  ///
  /// @throws UncheckedIOException if it cannot be written; what was there before is then still
  ///     there
  public static void write(Path path, Content content) {
    Path target = path.toAbsolutePath();
    Leftovers.removeOf(target);
    Path temporary = Leftovers.fresh(target);
    try {
      writeAndForce(temporary, content);
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      force(Leftovers.parent(target));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + path + ": " + e, e);
    } finally {
      Leftovers.done(temporary);
    }
  }

  static void writeAndForce(Path temporary, Content content) throws IOException {
    try (var channel =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      content.writeTo(bytes -> append(channel, bytes));
      channel.force(true);
    }
  }

  // In pieces: a buffer ends at 2 GB, and a heap segment need not be an array of bytes.
  private static void append(FileChannel channel, MemorySegment bytes) throws IOException {
    ByteBuffer stage =
        bytes.isNative()
            ? ByteBuffer.allocate(0)
            : ByteBuffer.allocateDirect((int) Math.min(STAGE, bytes.byteSize()));
    for (long at = 0; at < bytes.byteSize(); ) {
      long count = Math.min(STAGE, bytes.byteSize() - at);
      MemorySegment piece = bytes.asSlice(at, count);
      ByteBuffer buffer;
      if (bytes.isNative()) {
        buffer = piece.asByteBuffer();
      } else {
        buffer = stage.clear().limit((int) count);
        MemorySegment.ofBuffer(buffer).copyFrom(piece);
      }
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      at += count;
    }
  }

  /// Forces a file's or folder's contents to the disk.
  static void force(Path path) throws IOException {
    boolean folder = Files.isDirectory(path);
    if (folder && path.getFileSystem().getSeparator().equals("\\")) {
      return; // Windows opens no folders; its file systems log renames themselves.
    }
    try (var channel =
        FileChannel.open(path, folder ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }
}
