package dev.quintet.trainer.cli;

import dev.quintet.trainer.data.MalformedDataException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/// The whole lines of an input in blocks, as they come; a line ends at a line feed or at the end.
final class LineBlocks implements AutoCloseable {
  private static final int BLOCK = 1 << 16;
  private static final int LONGEST = Integer.MAX_VALUE - 16;
  private static final byte LINE_FEED = '\n';

  private final InputStream in;
  private final Path name;
  private byte[] rest = new byte[0];
  private long lines;
  private boolean ended;

  private LineBlocks(InputStream in, Path name) {
    this.in = in;
    this.name = name;
  }

  /// Some lines.
  ///
  /// @param name the input's name
  /// @param firstLine the number of the first line, from 1
  /// @param bytes the lines with their ends, from the array's start
  /// @param size how many bytes they are
  record Block(Path name, long firstLine, byte[] bytes, int size) {}

  /// Opens a file, or standard input where its name is `-`.
  static LineBlocks open(Path file) {
    if (file.toString().equals("-")) {
      return new LineBlocks(StandardInput.stream(), Path.of("standard input"));
    }
    try {
      if (Files.isDirectory(file)) {
        throw new IOException(file + " is a folder; expected a file of lines");
      }
      return new LineBlocks(Files.newInputStream(file), file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Whether there are bytes already, so that [#next] is worth asking for before results are shown.
  boolean ready() {
    try {
      return in.available() > 0;
    } catch (IOException e) {
      return false; // it cannot tell
    }
  }

  /// The next lines: at least one, and as many more as are there already and fit; nothing at the end.
  Optional<Block> next() {
    if (ended) {
      return Optional.empty();
    }
    byte[] buffer = Arrays.copyOf(rest, Math.max(BLOCK, rest.length));
    int size = rest.length;
    int whole = 0; // up to here the buffer holds whole lines
    try {
      while (whole == 0 || size < buffer.length && ready()) {
        if (size == buffer.length) {
          buffer = Arrays.copyOf(buffer, longer(size));
        }
        int read = in.read(buffer, size, buffer.length - size);
        if (read < 0) {
          ended = true;
          whole = size;
          break;
        }
        size += read;
        int end = size;
        while (end > size - read && buffer[end - 1] != LINE_FEED) {
          end--;
        }
        whole = end > size - read ? end : whole;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name + ": " + e.getMessage(), e);
    }
    rest = Arrays.copyOfRange(buffer, whole, size);
    if (whole == 0) {
      return Optional.empty();
    }
    Block block = new Block(name, lines + 1, buffer, whole);
    for (int i = 0; i < whole; i++) {
      lines += buffer[i] == LINE_FEED ? 1 : 0;
    }
    return Optional.of(block);
  }

  private int longer(int size) {
    if (size == LONGEST) {
      throw new MalformedDataException(name, lines + 1, "longer than 2 GB; break it up");
    }
    return (int) Math.min(LONGEST, 2L * size);
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
