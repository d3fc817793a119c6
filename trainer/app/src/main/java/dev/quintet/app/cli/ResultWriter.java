package dev.quintet.app.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/// Standard output in UTF-8 that remembers why writing failed; a [PrintWriter] alone knows only that it did.
final class ResultWriter extends PrintWriter {
  private final Remembering bytes;

  private ResultWriter(Remembering bytes) {
    super(new OutputStreamWriter(bytes, StandardCharsets.UTF_8));
    this.bytes = bytes;
  }

  /// Writes to a stream.
  static ResultWriter to(OutputStream out) {
    return new ResultWriter(new Remembering(out));
  }

  /// Why results were lost: the first failure, or nothing. A reader that has left (`quintet ... | head`) has all it wanted, so that
  /// is none.
  Optional<IOException> failure() {
    return bytes.failure.filter(failure -> !readerLeft(failure));
  }

  private static boolean readerLeft(IOException failure) {
    // Linux and macOS; the two of Windows.
    String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("broken pipe")
        || message.contains("pipe is being closed")
        || message.contains("pipe has been ended");
  }

  private static final class Remembering extends OutputStream {
    private final OutputStream out;
    private Optional<IOException> failure = Optional.empty();

    Remembering(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      try {
        out.write(from, offset, length);
      } catch (IOException e) {
        if (failure.isEmpty()) {
          failure = Optional.of(e);
        }
        throw e;
      }
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }
  }
}
