package dev.quintet.app.cli;

import dev.quintet.trainer.data.MalformedDataException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Texts from arguments, a file or standard input, one a line, as they come.
final class TextInput implements AutoCloseable {
  private static final int MARK = 0xFEFF;

  private final BufferedInputStream in;
  private final Path name;
  private final boolean json;
  private long number;
  private boolean afterReturn;

  private TextInput(InputStream in, Path name, boolean json) {
    this.in = new BufferedInputStream(in, 1 << 16);
    this.name = name;
    this.json = json;
  }

  /// Reads a file, or standard input.
  ///
  /// @param json whether each line is a JSON string
  static TextInput open(Optional<Path> file, boolean json) {
    if (file.isEmpty()) {
      return new TextInput(StandardInput.stream(), Path.of("standard input"), json);
    }
    try {
      return new TextInput(Files.newInputStream(file.get()), file.get(), json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The next texts: at least one, and up to `most` where they are there already; none at the end.
  ///
  /// @throws MalformedDataException if a line is not UTF-8, or no JSON string and should be one
  List<String> next(int most) {
    var texts = new ArrayList<String>();
    try {
      while (texts.size() < most && (texts.isEmpty() || ready())) {
        Optional<byte[]> line = line();
        if (line.isEmpty()) {
          break;
        }
        number++;
        String text = decoded(line.get());
        if (!json) {
          texts.add(text);
        } else if (!text.isBlank()) {
          texts.add(parse(text));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return texts;
  }

  /// Whether a line can be begun without waiting.
  private boolean ready() throws IOException {
    passLineFeed();
    return !afterReturn && in.available() > 0;
  }

  /// Takes the line feed of a line that ended in CR LF, if it is there already.
  private void passLineFeed() throws IOException {
    if (afterReturn && in.available() > 0) {
      afterReturn = false;
      in.mark(1);
      if (in.read() != '\n') {
        in.reset();
      }
    }
  }

  /// The bytes up to a line feed, a carriage return or both, or the end; nothing where there are no more.
  private Optional<byte[]> line() throws IOException {
    var bytes = new ByteArrayOutputStream();
    for (int b = in.read(); ; b = in.read()) {
      boolean second = afterReturn && b == '\n';
      afterReturn = false;
      if (second) {
        continue;
      }
      if (b < 0 && bytes.size() == 0) {
        return Optional.empty();
      }
      if (b < 0 || b == '\n' || b == '\r') {
        afterReturn = b == '\r';
        return Optional.of(bytes.toByteArray());
      }
      bytes.write(b);
    }
  }

  /// A line as text, without the mark with which some editors begin a file.
  private String decoded(byte[] line) {
    ByteBuffer bytes = ByteBuffer.wrap(line);
    CharBuffer text = CharBuffer.allocate(line.length);
    CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(bytes, text, true);
    if (result.isError()) {
      throw new MalformedDataException(
          name,
          number,
          "byte %d of the line, 0x%02x, is not UTF-8: write the file in UTF-8"
              .formatted(bytes.position() + 1, line[bytes.position()]));
    }
    text.flip();
    boolean marked = number == 1 && text.hasRemaining() && text.charAt(0) == MARK;
    return marked ? text.subSequence(1, text.length()).toString() : text.toString();
  }

  private String parse(String line) {
    try {
      return JsonText.string(line);
    } catch (IllegalArgumentException e) {
      throw new MalformedDataException(name, number, String.valueOf(e.getMessage()));
    }
  }

  /// A text as a JSON string.
  static String json(String text) {
    var json = new StringBuilder();
    JsonText.append(json, text);
    return json.toString();
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
