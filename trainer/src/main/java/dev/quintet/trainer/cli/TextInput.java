package dev.quintet.trainer.cli;

import dev.quintet.trainer.data.MalformedDataException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Texts from arguments, a file or standard input, one a line, as they come.
final class TextInput implements AutoCloseable {
  private final BufferedReader lines;
  private final Path name;
  private final boolean json;
  private long number;

  private TextInput(InputStream in, Path name, boolean json) {
    this.lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8), 1 << 16);
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
  /// @throws MalformedDataException if a line is no JSON string and should be one
  List<String> next(int most) {
    var texts = new ArrayList<String>();
    try {
      while (texts.size() < most && (texts.isEmpty() || lines.ready())) {
        String line = lines.readLine();
        if (line == null) {
          break;
        }
        number++;
        if (!json) {
          texts.add(line);
        } else if (!line.isBlank()) {
          texts.add(parse(line));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return texts;
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
      lines.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
