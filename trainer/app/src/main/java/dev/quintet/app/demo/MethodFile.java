package dev.quintet.app.demo;

import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.MalformedFileException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/// A [MethodSplit] as a file, so that a resumed run need not parse again.
///
/// UTF-8 lines ended by a line feed: a header, one line of tab-separated fields for each method
/// (part, file, line, class, package, name, target, source), and a trailer with the number of
/// methods and the CRC-32C of all bytes before it. Equal splits give equal bytes.
public final class MethodFile {
  private static final String HEADER = "quintet-methods 1";
  private static final int FIELDS = 8;

  private MethodFile() {}

  /// Writes the split; a reader sees all of it or what was there before.
  ///
  /// @throws java.io.UncheckedIOException when it cannot be written
  public static void write(Path path, MethodSplit split) {
    AtomicFile.write(path, out -> new Writer(out).write(split));
  }

  /// Reads what [#write] wrote.
  ///
  /// @throws MalformedFileException when the file is anything else, or cut short, or changed
  /// @throws IOException when it cannot be read
  public static MethodSplit read(Path path) throws IOException {
    return new Reader(path, Files.readAllBytes(path)).read();
  }

  /// Gathers lines to pieces of a megabyte and keeps the checksum of what it passed on.
  private static final class Writer {
    private static final int PIECE = 1 << 20;

    private final AtomicFile.Output out;
    private final CRC32C checksum = new CRC32C();
    private final StringBuilder lines = new StringBuilder();

    Writer(AtomicFile.Output out) {
      this.out = out;
    }

    void write(MethodSplit split) throws IOException {
      lines.append(HEADER).append('\n');
      write("train", split.train());
      write("validation", split.validation());
      write("test", split.test());
      flush();
      int count = split.train().size() + split.validation().size() + split.test().size();
      lines.append(trailer(count, checksum));
      flush();
    }

    private void write(String part, List<MethodExample> methods) throws IOException {
      for (MethodExample method : methods) {
        lines.append(part).append('\t').append(escape(method.file()));
        lines.append('\t').append(method.line());
        lines.append('\t').append(escape(method.topLevelClass()));
        lines.append('\t').append(escape(method.packageName()));
        lines.append('\t').append(escape(method.name()));
        lines.append('\t').append(escape(method.target()));
        lines.append('\t').append(escape(method.source())).append('\n');
        if (lines.length() >= PIECE) {
          flush();
        }
      }
    }

    private void flush() throws IOException {
      byte[] piece = lines.toString().getBytes(StandardCharsets.UTF_8);
      checksum.update(piece);
      out.write(MemorySegment.ofArray(piece));
      lines.setLength(0);
    }
  }

  private static String trailer(int count, CRC32C checksum) {
    return "end\t%d\t%08x\n".formatted(count, checksum.getValue());
  }

  private static String escape(String field) {
    if (field.chars().allMatch(c -> c >= ' ' && c != '\\')) {
      return field;
    }
    return field
        .replace("\\", "\\\\")
        .replace("\t", "\\t")
        .replace("\n", "\\n")
        .replace("\r", "\\r");
  }

  private static final class Reader {
    private final Path path;
    private final byte[] bytes;
    private final List<List<MethodExample>> parts =
        List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    private int position;
    private int lineStart;
    private int part;

    Reader(Path path, byte[] bytes) {
      this.path = path;
      this.bytes = bytes;
    }

    MethodSplit read() {
      if (!line().equals(HEADER)) {
        throw malformed("the first line is `" + HEADER + "`");
      }
      for (String line = line(); !line.startsWith("end\t"); line = line()) {
        method(line.split("\t", -1));
      }
      var checksum = new CRC32C();
      checksum.update(bytes, 0, lineStart);
      int count = parts.get(0).size() + parts.get(1).size() + parts.get(2).size();
      byte[] trailer = trailer(count, checksum).getBytes(StandardCharsets.UTF_8);
      var rest = ByteBuffer.wrap(bytes, lineStart, bytes.length - lineStart);
      if (!rest.equals(ByteBuffer.wrap(trailer))) {
        throw malformed(
            "the last line holds the number of methods and the checksum of what stands before it");
      }
      return new MethodSplit(parts.get(0), parts.get(1), parts.get(2));
    }

    private String line() {
      lineStart = position;
      int end = position;
      while (end < bytes.length && bytes[end] != '\n') {
        end++;
      }
      if (end == bytes.length) {
        throw malformed("every line ends with a line feed and the last begins with `end`");
      }
      position = end + 1;
      try {
        return StandardCharsets.UTF_8
            .newDecoder()
            .decode(ByteBuffer.wrap(bytes, lineStart, end - lineStart))
            .toString();
      } catch (CharacterCodingException e) {
        throw malformed("lines are UTF-8");
      }
    }

    private void method(String[] fields) {
      if (fields.length != FIELDS) {
        throw malformed("a method has " + FIELDS + " fields, not " + fields.length);
      }
      int named = List.of("train", "validation", "test").indexOf(fields[0]);
      if (named < part) {
        throw malformed("parts are train, validation, test, in this order");
      }
      part = named;
      if (!fields[2].matches("[1-9][0-9]{0,8}")) {
        throw malformed("the line of a method is a positive number");
      }
      parts
          .get(part)
          .add(
              new MethodExample(
                  unescape(fields[1]),
                  Integer.parseInt(fields[2]),
                  unescape(fields[3]),
                  unescape(fields[4]),
                  unescape(fields[5]),
                  unescape(fields[6]),
                  unescape(fields[7])));
    }

    private String unescape(String field) {
      if (field.indexOf('\\') < 0) {
        return field;
      }
      var text = new StringBuilder();
      for (int i = 0; i < field.length(); i++) {
        char c = field.charAt(i);
        if (c == '\\') {
          i++;
          switch (i < field.length() ? field.charAt(i) : ' ') {
            case '\\' -> text.append('\\');
            case 't' -> text.append('\t');
            case 'n' -> text.append('\n');
            case 'r' -> text.append('\r');
            default -> throw malformed("a backslash is followed by another, t, n or r");
          }
        } else {
          text.append(c);
        }
      }
      return text.toString();
    }

    private MalformedFileException malformed(String rule) {
      return new MalformedFileException(path, lineStart, rule);
    }
  }
}
