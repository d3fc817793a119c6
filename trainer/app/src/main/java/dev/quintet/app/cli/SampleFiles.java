package dev.quintet.app.cli;

import dev.quintet.tokenizers.compare.Sample;
import dev.quintet.trainer.data.MalformedDataException;
import dev.quintet.trainer.data.TextLines;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Texts of files, folders and standard input, in portions, always in the same order.
///
/// Of a folder come all files below it in the order of their names, but for hidden ones, links, and what is no UTF-8
/// text; a file that was named itself has to be text.
final class SampleFiles {

  /// What one text is.
  enum Unit {
    /// A file; a larger one in parts.
    FILE,
    /// A line, without its end.
    LINE,
    /// A line that is a JSON string.
    JSONL
  }

  /// Files above this come in parts, cut behind a line end where there is one.
  private static final int PART_BYTES = 1 << 20;

  private static final int PORTION_CHARACTERS = 4 << 20;
  private static final int BINARY_LOOK = 8000;

  private final Unit unit;
  private final Consumer<List<Sample>> out;
  private final List<Sample> portion = new ArrayList<>();
  private int characters;
  private int hidden;
  private int links;
  private int notText;
  private long blank;

  private SampleFiles(Unit unit, Consumer<List<Sample>> out) {
    this.unit = unit;
    this.out = out;
  }

  /// Reads all texts.
  ///
  /// @param inputs files, folders, or `-` for standard input
  /// @param unit what one text is
  /// @param out takes the texts in portions of some megabytes
  /// @throws UncheckedIOException if something is missing or cannot be read
  /// @return what was passed over, in words; empty if nothing was
  /// @throws MalformedDataException if a line should be a JSON string and is none, or a named file is no UTF-8
  static String read(List<Path> inputs, Unit unit, Consumer<List<Sample>> out) {
    var files = new SampleFiles(unit, out);
    for (Path input : inputs) {
      if (Files.isDirectory(input)) {
        files.folder(input);
      } else if (!input.toString().equals("-") && !Files.exists(input)) {
        throw new UncheckedIOException(new NoSuchFileException(input.toString()));
      } else {
        files.file(input);
      }
    }
    files.flush();
    return files.passedOver();
  }

  private String passedOver() {
    var kinds = new ArrayList<String>();
    if (notText > 0) {
      kinds.add(notText + " that are no UTF-8 text");
    }
    if (hidden > 0) {
      kinds.add(hidden + " hidden");
    }
    if (links > 0) {
      kinds.add(links + " links");
    }
    String files =
        kinds.isEmpty() ? "" : "files and folders passed over: " + String.join(", ", kinds);
    String lines = blank == 0 ? "" : "blank lines passed over: " + blank;
    return files + (files.isEmpty() || lines.isEmpty() ? "" : "; ") + lines;
  }

  private void folder(Path folder) {
    List<Path> entries;
    try (Stream<Path> listed = Files.list(folder)) {
      entries = listed.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder + ": " + e.getMessage(), e);
    }
    for (Path entry : entries) {
      Path name = entry.getFileName();
      if (name == null || name.toString().startsWith(".")) {
        hidden++;
      } else if (Files.isSymbolicLink(entry)) {
        links++;
      } else if (Files.isDirectory(entry)) {
        folder(entry);
      } else if (Files.isRegularFile(entry) && isText(entry)) {
        file(entry);
      } else {
        notText++;
      }
    }
  }

  /// Whether a file is UTF-8 without zero bytes at its start.
  private static boolean isText(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] rest = in.readNBytes(PART_BYTES);
      for (int i = 0; i < Math.min(BINARY_LOOK, rest.length); i++) {
        if (rest[i] == 0) {
          return false;
        }
      }
      while (rest.length == PART_BYTES) {
        int end = cut(rest);
        if (TextLines.firstInvalid(rest, 0, end) >= 0) {
          return false;
        }
        rest = joined(rest, end, in.readNBytes(end));
      }
      return TextLines.firstInvalid(rest, 0, rest.length) < 0;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /// What is left of some bytes from a place on, and more.
  private static byte[] joined(byte[] bytes, int from, byte[] more) {
    byte[] all =
        Arrays.copyOf(
            Arrays.copyOfRange(bytes, from, bytes.length), bytes.length - from + more.length);
    System.arraycopy(more, 0, all, bytes.length - from, more.length);
    return all;
  }

  private static String type(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    int dot = name.lastIndexOf('.');
    return name.equals("-") ? "standard input" : dot > 0 ? name.substring(dot + 1) : "none";
  }

  private void file(Path file) {
    switch (unit) {
      case FILE -> parts(file);
      case LINE, JSONL -> lines(file);
    }
  }

  private void parts(Path file) {
    boolean standard = file.toString().equals("-");
    try (InputStream in = standard ? StandardInput.stream() : Files.newInputStream(file)) {
      byte[] part = in.readNBytes(PART_BYTES);
      long lines = 1;
      for (long at = 0; ; ) {
        boolean last = part.length < PART_BYTES;
        int end = last ? part.length : cut(part);
        if (end > 0) {
          String where = at == 0 && last ? "" : " from byte " + at;
          add(file, file + where, text(file, lines, part, end));
        }
        if (last) {
          return;
        }
        for (int i = 0; i < end; i++) {
          lines += part[i] == '\n' ? 1 : 0;
        }
        at += end;
        part = joined(part, end, in.readNBytes(end));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /// The text of a part that begins with a line, or the line that is no UTF-8.
  private static String text(Path file, long firstLine, byte[] bytes, int end) {
    int bad = TextLines.firstInvalid(bytes, 0, end);
    if (bad < 0) {
      return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }
    long line = firstLine;
    int start = 0;
    for (int i = 0; i < bad; i++) {
      if (bytes[i] == '\n') {
        line++;
        start = i + 1;
      }
    }
    throw new MalformedDataException(
        file,
        line,
        "byte %d (%02x) is not UTF-8; expected UTF-8 text".formatted(bad - start + 1, bytes[bad]));
  }

  /// Behind the last line end, or else before the last character begins.
  private static int cut(byte[] bytes) {
    for (int i = bytes.length; i > bytes.length / 2; i--) {
      if (bytes[i - 1] == '\n') {
        return i;
      }
    }
    int end = bytes.length - 1;
    while (end > bytes.length - 4 && (bytes[end] & 0xC0) == 0x80) {
      end--;
    }
    return end;
  }

  private void lines(Path file) {
    try (var lines = new TextLines(StandardInput.blocks(file))) {
      for (var line = lines.next(); line.isPresent(); line = lines.next()) {
        if (unit == Unit.JSONL && line.get().isBlank()) {
          blank++;
        } else {
          add(file, file + " line " + lines.number(), text(lines, line.get()));
        }
      }
    }
  }

  private String text(TextLines lines, String line) {
    try {
      return unit == Unit.JSONL ? JsonLine.string(line) : line;
    } catch (IllegalArgumentException e) {
      throw lines.broken(String.valueOf(e.getMessage()));
    }
  }

  private void add(Path file, String source, String text) {
    portion.add(new Sample(type(file), source, text));
    characters += text.length();
    if (characters >= PORTION_CHARACTERS) {
      flush();
    }
  }

  private void flush() {
    if (!portion.isEmpty()) {
      out.accept(List.copyOf(portion));
      portion.clear();
      characters = 0;
    }
  }
}
