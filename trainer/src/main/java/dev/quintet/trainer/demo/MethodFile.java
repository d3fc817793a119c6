package dev.quintet.trainer.demo;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/// A [MethodSplit] as a file, so that a resumed run need not parse again.
///
/// UTF-8 lines ended by a line feed: a header, one line of tab-separated fields for each method
/// (part, file, line, class, package, name, target, source), and a trailer with the number of
/// methods and the CRC-32C of all bytes before it. Equal splits give equal bytes.
public final class MethodFile {
  private static final String HEADER = "quintet-methods 1";
  private static final int FIELDS = 8;

  private MethodFile() {}

  /// Writes the split beside the path and moves it there in one step, so that a reader sees all of
  /// it or what was there before.
  ///
  /// @throws IOException when it cannot be written
  public static void write(Path path, MethodSplit split) throws IOException {
    Path parent = path.toAbsolutePath().getParent();
    Path temporary = path.resolveSibling(".tmp-" + path.getFileName());
    try (var channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      var out =
          new CheckedOutputStream(
              new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16), new CRC32C());
      out.write(bytes(HEADER + "\n"));
      write(out, "train", split.train());
      write(out, "validation", split.validation());
      write(out, "test", split.test());
      int count = split.train().size() + split.validation().size() + split.test().size();
      out.write(bytes("end\t%d\t%08x\n".formatted(count, out.getChecksum().getValue())));
      out.flush();
      channel.force(true);
    }
    Files.move(
        temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    if (parent != null) {
      try (var folder = FileChannel.open(parent, StandardOpenOption.READ)) {
        folder.force(true);
      }
    }
  }

  private static void write(CheckedOutputStream out, String part, List<MethodExample> methods)
      throws IOException {
    for (MethodExample method : methods) {
      var fields =
          List.of(
              part,
              escape(method.file()),
              Integer.toString(method.line()),
              escape(method.topLevelClass()),
              escape(method.packageName()),
              escape(method.name()),
              escape(method.target()),
              escape(method.source()));
      out.write(bytes(String.join("\t", fields) + "\n"));
    }
  }

  /// Reads what [#write] wrote.
  ///
  /// @throws MalformedMethodFileException when the file is anything else, or cut short, or changed
  /// @throws IOException when it cannot be read
  public static MethodSplit read(Path path) throws IOException {
    return new Reader(path, Files.readAllBytes(path)).read();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
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
      byte[] trailer = bytes("end\t%d\t%08x\n".formatted(count, checksum.getValue()));
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

    private MalformedMethodFileException malformed(String rule) {
      return new MalformedMethodFileException(path, lineStart, rule);
    }
  }
}
