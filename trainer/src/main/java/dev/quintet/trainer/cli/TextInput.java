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
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/// Texts from arguments, a file or standard input, one a line, as they come.
final class TextInput implements AutoCloseable {
  private static final JsonFactory JSON = new JsonFactory();
  private static final JsonMapper WRITER = JsonMapper.builder().build();

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
      return new TextInput(System.in, Path.of("standard input"), json);
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
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), line)) {
      if (parser.nextToken() != JsonToken.VALUE_STRING) {
        throw new MalformedDataException(name, number, "expected a JSON string on each line");
      }
      String text = parser.getString();
      if (parser.nextToken() != null) {
        throw new MalformedDataException(name, number, "something follows the JSON string");
      }
      return text;
    } catch (JacksonException e) {
      throw new MalformedDataException(name, number, "not JSON: " + e.getOriginalMessage());
    }
  }

  /// A text as a JSON string.
  static String json(String text) {
    return WRITER.writeValueAsString(text);
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
