package dev.quintet.trainer.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/// The whole lines of an input in blocks, as they come; a line ends at a line feed or at the end.
///
/// A byte order mark of UTF-8 at the start is passed over: it is no text.
public final class LineBlocks implements AutoCloseable {
  private static final int BLOCK = 1 << 16;
  private static final int LONGEST = Integer.MAX_VALUE - 16;
  private static final byte LINE_FEED = '\n';
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final InputStream in;
  private final Path name;
  private byte[] rest = new byte[0];
  private long lines;
  private boolean started;
  private boolean ended;

  /// Blocks of an open input.
  ///
  /// @param in is closed with the blocks
  /// @param name the input's name, for messages
  public LineBlocks(InputStream in, Path name) {
    this.in = in;
    this.name = name;
  }

  /// Some lines.
  ///
  /// @param name the input's name
  /// @param firstLine the number of the first line, from 1
  /// @param bytes the lines with their ends, from the array's start
  /// @param size how many bytes they are
  @SuppressWarnings("ArrayRecordComponent")
  public record Block(Path name, long firstLine, byte[] bytes, int size) {}

  /// Opens a file.
  ///
  /// @throws UncheckedIOException if it is not there, or is a folder
  public static LineBlocks open(Path file) {
    try {
      if (Files.isDirectory(file)) {
        throw new IOException(file + " is a folder; expected a file of lines");
      }
      return new LineBlocks(Files.newInputStream(file), file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The input's name.
  public Path name() {
    return name;
  }

  /// Whether there are bytes already, so that [#next] is worth asking for before results are shown.
  public boolean ready() {
    try {
      return in.available() > 0;
    } catch (IOException e) {
      return false; // it cannot tell
    }
  }

  /// The next lines: at least one, and as many more as are there already and fit; nothing at the end.
  ///
  /// @throws MalformedDataException if a line is longer than 2 GB
  /// @throws UncheckedIOException if the input cannot be read
  public Optional<Block> next() {
    if (!started) {
      started = true;
      rest = afterMark();
    }
    if (ended) {
      return Optional.empty();
    }
    byte[] buffer = Arrays.copyOf(rest, Math.max(BLOCK, rest.length));
    int size = rest.length;
    int whole =
        size == 1 && buffer[0] == LINE_FEED ? 1 : 0; // up to here the buffer holds whole lines
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

  /// The first bytes, unless they are a byte order mark.
  private byte[] afterMark() {
    try {
      byte[] first = in.readNBytes(1);
      if (first.length == 0 || first[0] != BYTE_ORDER_MARK[0]) {
        return first;
      }
      byte[] three = Arrays.copyOf(first, BYTE_ORDER_MARK.length);
      int size = 1 + in.readNBytes(three, 1, three.length - 1);
      return Arrays.equals(three, BYTE_ORDER_MARK) ? new byte[0] : Arrays.copyOf(three, size);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name + ": " + e.getMessage(), e);
    }
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
