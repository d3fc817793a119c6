package dev.quintet.trainer.data;

import dev.quintet.core.io.StrictJson;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/// The lines of a UTF-8 text, strictly: a byte that is no UTF-8 is refused with its line and place.
///
/// A line ends at a line feed; a carriage return before it belongs to the line's end. A byte order mark at the text's
/// start is passed over.
public final class TextLines implements AutoCloseable {
  private final LineBlocks blocks;
  private Optional<LineBlocks.Block> block = Optional.empty();
  private int at;
  private long number;

  /// Lines of these blocks, which it closes.
  public TextLines(LineBlocks blocks) {
    this.blocks = blocks;
  }

  /// Opens a file.
  ///
  /// @throws java.io.UncheckedIOException if it cannot be read
  public static TextLines open(Path file) {
    return new TextLines(LineBlocks.open(file));
  }

  /// The next line without its end; nothing at the end.
  ///
  /// @throws MalformedDataException if it is no UTF-8
  public Optional<String> next() {
    if (block.isEmpty() || at == block.get().size()) {
      block = blocks.next();
      at = 0;
      if (block.isEmpty()) {
        return Optional.empty();
      }
    }
    byte[] bytes = block.get().bytes();
    int from = at;
    int to = from;
    while (to < block.get().size() && bytes[to] != '\n') {
      to++;
    }
    at = Math.min(to + 1, block.get().size());
    number++;
    boolean returned = to < block.get().size() && to > from && bytes[to - 1] == '\r';
    try {
      return Optional.of(text(bytes, from, returned ? to - 1 : to));
    } catch (IllegalArgumentException e) {
      throw broken(String.valueOf(e.getMessage()));
    }
  }

  /// The exception for what is wrong with the line that [#next] gave.
  public MalformedDataException broken(String rule) {
    return new MalformedDataException(blocks.name(), number, rule);
  }

  /// The number of the line that [#next] gave, from 1.
  public long number() {
    return number;
  }

  /// Whether there is something already, so that [#next] need not wait.
  public boolean ready() {
    return block.isPresent() && at < block.get().size() || blocks.ready();
  }

  /// The text of these bytes.
  ///
  /// @throws IllegalArgumentException that names the byte, from 1, if they are no UTF-8
  public static String text(byte[] bytes, int from, int to) {
    int bad = firstInvalid(bytes, from, to);
    if (bad >= 0) {
      throw new IllegalArgumentException(
          "byte %d (%02x) is not UTF-8; expected UTF-8 text%s"
              .formatted(bad + 1, bytes[from + bad], hint(bytes, from, to)));
    }
    return new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }

  private static String hint(byte[] bytes, int from, int to) {
    boolean wide =
        to - from >= 2
            && ((bytes[from] & 0xFF) == 0xFE && (bytes[from + 1] & 0xFF) == 0xFF
                || (bytes[from] & 0xFF) == 0xFF && (bytes[from + 1] & 0xFF) == 0xFE);
    return wide ? ", and this looks like UTF-16" : "";
  }

  /// How many bytes after `from` the first are that are no UTF-8; -1 if all are.
  public static int firstInvalid(byte[] bytes, int from, int to) {
    return StrictJson.firstInvalid(ByteBuffer.wrap(bytes, from, to - from));
  }

  @Override
  public void close() {
    blocks.close();
  }
}
