package dev.quintet.trainer.rows;

import dev.quintet.trainer.data.MalformedDataException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.ZipException;

/// The characters of a file, strictly: bytes that are none in its encoding are refused, and so is another encoding's
/// byte order mark.
///
/// It counts lines, and knows on which one the present record starts.
final class SourceText implements AutoCloseable {
  private static final int BUFFER = 1 << 16;

  private final Path file;
  private final InputStream in;
  private final Charset encoding;
  private final CharsetDecoder decoder;
  private final boolean returnsEndLines;
  private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER).limit(0);
  private final char[] chars = new char[BUFFER];
  private int at;
  private int end;
  private boolean ended;
  private boolean lost;
  private long line = 1;
  private long recordLine = 1;
  private long column;
  private int last = '\n';

  /// Opens a file.
  ///
  /// @param raw its bytes, still gzipped if it is; closed with the text
  /// @param returnsEndLines whether a carriage return alone ends a line
  SourceText(Path file, InputStream raw, Charset encoding, boolean returnsEndLines) {
    this.file = file;
    this.encoding = encoding;
    this.returnsEndLines = returnsEndLines;
    this.decoder =
        encoding
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    try {
      this.in = withoutMark(unzipped(raw));
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private InputStream unzipped(InputStream raw) throws IOException {
    var start = new PushbackInputStream(raw, 2);
    byte[] magic = start.readNBytes(2);
    start.unread(magic);
    boolean zipped = magic.length == 2 && magic[0] == 0x1f && magic[1] == (byte) 0x8b;
    if (!zipped && file.toString().toLowerCase(Locale.ROOT).endsWith(".gz")) {
      throw broken(
          "the file is no gzip, though its name ends in .gz; rename it, or compress it anew");
    }
    return zipped ? new GzipMembers(start) : start;
  }

  private InputStream withoutMark(InputStream plain) throws IOException {
    var start = new PushbackInputStream(plain, 4);
    byte[] first = start.readNBytes(4);
    String mark = mark(first);
    boolean utf8 = encoding.equals(StandardCharsets.UTF_8);
    if (mark.equals("UTF-32")) {
      throw broken(
          "the file is UTF-32, by its byte order mark; write it anew with iconv -f UTF-32 -t UTF-8");
    }
    if (mark.equals("UTF-16") && !encoding.equals(StandardCharsets.UTF_16)) {
      throw broken(
          "the file is UTF-16, by its byte order mark; say so with the key \"encoding\": \"utf-16\"");
    }
    if (mark.equals("UTF-8") && !utf8) {
      throw broken("the file is UTF-8, by its byte order mark; leave the key \"encoding\" out");
    }
    int skip = mark.equals("UTF-8") ? 3 : 0; // Java's UTF-16 reads its own mark
    start.unread(first, skip, first.length - skip);
    return start;
  }

  private static String mark(byte[] b) {
    if (b.length == 4 && (starts(b, 0xFF, 0xFE, 0, 0) || starts(b, 0, 0, 0xFE, 0xFF))) {
      return "UTF-32";
    }
    if (starts(b, 0xFF, 0xFE) || starts(b, 0xFE, 0xFF)) {
      return "UTF-16";
    }
    return starts(b, 0xEF, 0xBB, 0xBF) ? "UTF-8" : "";
  }

  private static boolean starts(byte[] bytes, int... with) {
    if (bytes.length < with.length) {
      return false;
    }
    for (int i = 0; i < with.length; i++) {
      if ((bytes[i] & 0xFF) != with[i]) {
        return false;
      }
    }
    return true;
  }

  /// The file's name.
  Path file() {
    return file;
  }

  /// The line that the next character is on, from 1.
  long line() {
    return line;
  }

  /// Says that a record starts with the next character.
  void startRecord() {
    recordLine = line;
  }

  /// The line on which the present record starts.
  long recordLine() {
    return recordLine;
  }

  /// The next character, which stays the next; -1 at the end.
  int peek() {
    return at < end || fill() ? chars[at] : -1;
  }

  /// The next character; -1 at the end.
  int read() {
    if (at == end && !fill()) {
      return -1;
    }
    char c = chars[at++];
    boolean ends = c == '\n' ? !(returnsEndLines && last == '\r') : returnsEndLines && c == '\r';
    line += ends ? 1 : 0;
    column = ends ? 0 : column + 1;
    last = c;
    return c;
  }

  /// The next line without its line feed, and the carriage return before it; nothing at the end. A record starts with it.
  Optional<String> nextLine() {
    startRecord();
    if (peek() < 0) {
      return Optional.empty();
    }
    var text = new StringBuilder(0);
    while (true) {
      int to = at;
      while (to < end && chars[to] != '\n') {
        to++;
      }
      boolean whole = to < end;
      int from = at;
      at = whole ? to + 1 : to;
      if (at > from) {
        last = chars[at - 1];
      }
      column += to - from;
      if (whole) {
        line++;
        column = 0;
        if (text.isEmpty()) {
          return Optional.of(withoutReturn(new String(chars, from, to - from), true));
        }
      }
      text.append(chars, from, to - from);
      if (whole || !fill()) {
        return Optional.of(withoutReturn(text.toString(), whole));
      }
    }
  }

  private static String withoutReturn(String text, boolean ended) {
    return ended && text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  /// Goes to the start of the next line, unless it stands at the start of one; what is no text is passed over.
  void skipLine() {
    while (last != '\n' && !(returnsEndLines && last == '\r')) {
      try {
        if (read() < 0) {
          return;
        }
      } catch (MalformedDataException e) {
        column++; // the line is given up already
      }
    }
    if (last == '\r' && peek() == '\n') {
      read();
    }
  }

  private boolean fill() {
    CharBuffer into = CharBuffer.wrap(chars);
    try {
      while (true) {
        CoderResult result = decoder.decode(bytes, into, ended);
        if (result.isError() && into.position() == 0) {
          throw notText(result);
        }
        if (result.isUnderflow() && !ended) {
          if (into.position() > 0) {
            break;
          }
          refill();
        } else {
          break; // none of the decoders holds anything back to be flushed
        }
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
    at = 0;
    end = into.position();
    return end > 0;
  }

  private void refill() throws IOException {
    bytes.compact();
    int read = in.read(bytes.array(), bytes.position(), bytes.remaining());
    ended = read < 0;
    bytes.position(bytes.position() + Math.max(0, read)).flip();
  }

  private MalformedDataException notText(CoderResult result) {
    int bad = bytes.get(bytes.position()) & 0xFF;
    bytes.position(bytes.position() + Math.min(bytes.remaining(), result.length()));
    last = 0; // the line is not whole
    return broken(
        "byte %02x after %,d characters of its line is not %s; if the file is in another encoding, name it with the key \"encoding\" (%s)"
            .formatted(bad, column, encoding, String.join(", ", RowFormat.ENCODINGS)));
  }

  private RuntimeException unreadable(IOException e) {
    if (e instanceof EOFException || e instanceof ZipException) {
      return lost(line, e.getMessage() + "; fetch or write the file anew");
    }
    return new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
  }

  /// The exception for what is wrong from a line on, so that no row behind it can be told.
  MalformedDataException lost(long from, String rule) {
    lost = true;
    return new MalformedDataException(file, from, rule);
  }

  /// Whether no row behind the last fault can be told.
  boolean isLost() {
    return lost;
  }

  /// The exception for what is wrong with the present record.
  MalformedDataException broken(String rule) {
    return new MalformedDataException(file, recordLine, rule);
  }

  /// The characters as a reader, for a parser of its own.
  Reader reader() {
    return new Reader() {
      @Override
      public int read(char[] into, int offset, int length) {
        if (length == 0) {
          return 0;
        }
        if (at == end && !fill()) {
          return -1;
        }
        int count = Math.min(length, end - at);
        System.arraycopy(chars, at, into, offset, count);
        for (int i = 0; i < count; i++) {
          line += chars[at + i] == '\n' ? 1 : 0;
          column = chars[at + i] == '\n' ? 0 : column + 1;
        }
        at += count;
        return count;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close " + file + ": " + e.getMessage(), e);
    }
  }
}
