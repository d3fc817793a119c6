package dev.quintet.app.cli;

import dev.quintet.trainer.data.LineBlocks;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/// Standard input, which is empty where it is closed.
///
/// A program that is started with descriptor 0 closed (`<&-`; some daemons do so) has Java's own `lib/modules` there: the
/// first file that Java opened. Reading it would give megabytes of no text, and closing it would take it from Java.
final class StandardInput {
  private static final int COMPARED = 64;

  private StandardInput() {}

  /// Looks once, before anything is read: what is closed is replaced by what is empty.
  static void openIfClosed() {
    if (isClosed()) {
      System.setIn(InputStream.nullInputStream());
    }
  }

  /// The lines of a file, or of standard input where its name is `-`.
  static LineBlocks blocks(Path file) {
    return file.toString().equals("-")
        ? new LineBlocks(stream(), Path.of("standard input"))
        : LineBlocks.open(file);
  }

  /// What is to be read; closing it leaves standard input open, which may be named twice.
  static InputStream stream() {
    return new FilterInputStream(System.in) {
      @Override
      public void close() {
        // it is the process's
      }
    };
  }

  @SuppressWarnings("resource") // closing the channel would close the descriptor
  private static boolean isClosed() {
    FileChannel channel = new FileInputStream(FileDescriptor.in).getChannel();
    Path own = Path.of(System.getProperty("java.home"), "lib", "modules");
    try {
      // Pipes and terminals have no size.
      long size = channel.size();
      if (size == 0 || !Files.isRegularFile(own) || Files.size(own) != size) {
        return false;
      }
    } catch (IOException e) {
      return true; // there is nothing open
    }
    try (FileChannel other = FileChannel.open(own)) {
      return start(channel).equals(start(other));
    } catch (IOException e) {
      return false;
    }
  }

  /// The first bytes, without a change of where reading goes on.
  private static ByteBuffer start(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(COMPARED);
    int at = 0;
    while (bytes.hasRemaining() && at >= 0) {
      at = channel.read(bytes, bytes.position());
    }
    return bytes.flip();
  }
}
