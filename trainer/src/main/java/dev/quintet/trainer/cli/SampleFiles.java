package dev.quintet.trainer.cli;

import dev.quintet.tokenizers.compare.Sample;
import dev.quintet.trainer.data.MalformedDataException;
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
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Texts of files, folders and standard input, in portions, always in the same order.
///
/// Of a folder come all files below it in the order of their names, but for hidden and binary ones and links.
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
  /// @throws MalformedDataException if a line should be a JSON string and is none
  static void read(List<Path> inputs, Unit unit, Consumer<List<Sample>> out) {
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
      if (name == null || name.toString().startsWith(".") || Files.isSymbolicLink(entry)) {
        continue;
      }
      if (Files.isDirectory(entry)) {
        folder(entry);
      } else if (!binary(entry)) {
        file(entry);
      }
    }
  }

  private static boolean binary(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      for (byte b : in.readNBytes(BINARY_LOOK)) {
        if (b == 0) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    }
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
      byte[] rest = new byte[0];
      for (long at = 0; ; ) {
        byte[] more = in.readNBytes(PART_BYTES - rest.length);
        byte[] all = new byte[rest.length + more.length];
        System.arraycopy(rest, 0, all, 0, rest.length);
        System.arraycopy(more, 0, all, rest.length, more.length);
        boolean last = all.length < PART_BYTES;
        int end = last ? all.length : cut(all);
        if (end > 0) {
          String where = at == 0 && last ? "" : " from byte " + at;
          add(file, file + where, new String(all, 0, end, StandardCharsets.UTF_8));
        }
        if (last) {
          return;
        }
        at += end;
        rest = Arrays.copyOfRange(all, end, all.length);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    }
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
    try (LineBlocks blocks = LineBlocks.open(file)) {
      for (Optional<LineBlocks.Block> next = blocks.next();
          next.isPresent();
          next = blocks.next()) {
        LineBlocks.Block block = next.get();
        long number = block.firstLine();
        for (int from = 0; from < block.size(); number++) {
          int end = from;
          while (end < block.size() && block.bytes()[end] != '\n') {
            end++;
          }
          int stop = end > from && block.bytes()[end - 1] == '\r' ? end - 1 : end;
          line(file, number, new String(block.bytes(), from, stop - from, StandardCharsets.UTF_8));
          from = end + 1;
        }
      }
    }
  }

  private void line(Path file, long number, String line) {
    String text = line;
    if (unit == Unit.JSONL) {
      if (line.isBlank()) {
        return;
      }
      try {
        text = JsonText.string(line);
      } catch (IllegalArgumentException e) {
        throw new MalformedDataException(file, number, String.valueOf(e.getMessage()));
      }
    }
    add(file, file + " line " + number, text);
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
