package dev.quintet.app.cli;

import dev.quintet.trainer.data.TextLines;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/// The lines of a corpus as bytes, read as they are asked for: of files, of all files in folders
/// (sorted by path), and of standard input (`-`).
final class CorpusFiles {
  private static final String STANDARD_INPUT = "-";

  private final List<Path> files;
  private final long bytes;
  private boolean standardInputRead;
  private long notText;
  private long tooLong;

  private CorpusFiles(List<Path> files, long bytes) {
    this.files = files;
    this.bytes = bytes;
  }

  /// Looks whether everything is there.
  ///
  /// @throws UncheckedIOException if something is not
  static CorpusFiles of(List<String> names) {
    var files = new ArrayList<Path>();
    long bytes = 0;
    try {
      for (String name : names) {
        Path path = Path.of(name);
        if (name.equals(STANDARD_INPUT)) {
          files.add(path);
          continue;
        }
        if (!Files.exists(path)) {
          throw new NoSuchFileException(name);
        }
        List<Path> found = Files.isDirectory(path) ? filesIn(path) : List.of(path);
        for (Path file : found) {
          files.add(file);
          bytes += Files.size(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (files.isEmpty()) {
      throw new IllegalArgumentException("expected files to train on, found none in " + names);
    }
    return new CorpusFiles(files, bytes);
  }

  private static List<Path> filesIn(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /// How many bytes the files have; standard input is not counted.
  long bytes() {
    return bytes;
  }

  /// What became of odd lines in the last reading, a message each.
  ///
  /// @param most bytes of a line that is not left out
  List<String> remarks(int most) {
    var remarks = new ArrayList<String>();
    if (tooLong > 0) {
      remarks.add(
          String.format(
              Locale.ROOT,
              "%,d lines longer than max_sentence_length (%,d bytes) are left out",
              tooLong,
              most));
    }
    if (notText > 0) {
      remarks.add(
          String.format(
              Locale.ROOT,
              "%,d lines hold bytes that are no UTF-8; U+FFFD stands for those",
              notText));
    }
    return remarks;
  }

  /// The lines.
  ///
  /// @param most bytes of a line that counts as too long in [#remarks]
  /// @param lineEnds whether each keeps its line end
  /// @param read is told after each line how many bytes were read so far
  Iterator<byte[]> lines(boolean lineEnds, int most, LongConsumer read) {
    if (files.contains(Path.of(STANDARD_INPUT))) {
      if (standardInputRead) {
        throw new IllegalArgumentException(
            "this corpus has to be read twice (character_coverage leaves the space out), which standard input cannot be;"
                + " write it to a file");
      }
      standardInputRead = true;
    }
    notText = 0;
    tooLong = 0;
    return new Lines(lineEnds, most, read);
  }

  private final class Lines implements Iterator<byte[]> {
    private final boolean lineEnds;
    private final int most;
    private final LongConsumer read;
    private final Iterator<Path> rest = files.iterator();
    private final byte[] buffer = new byte[1 << 16];
    private Path file = Path.of("");
    private InputStream in = InputStream.nullInputStream();
    private int at;
    private int end;
    private long total;
    private byte[] next = new byte[0];
    private boolean has;

    Lines(boolean lineEnds, int most, LongConsumer read) {
      this.most = most;
      this.lineEnds = lineEnds;
      this.read = read;
    }

    @Override
    public boolean hasNext() {
      try {
        while (!has) {
          if (at == end && !fill()) {
            in.close();
            if (!rest.hasNext()) {
              return false;
            }
            file = rest.next();
            in =
                file.equals(Path.of(STANDARD_INPUT))
                    ? StandardInput.stream()
                    : Files.newInputStream(file);
            continue;
          }
          next = line();
          has = true;
          tooLong += next.length > most ? 1 : 0;
          notText += TextLines.firstInvalid(next, 0, next.length) >= 0 ? 1 : 0;
        }
      } catch (FileSystemException e) {
        throw new UncheckedIOException(e);
      } catch (IOException e) {
        // A disk's own words do not name the file.
        var named = new FileSystemException(file.toString(), null, e.getMessage());
        named.initCause(e);
        throw new UncheckedIOException(named);
      }
      return true;
    }

    private boolean fill() throws IOException {
      at = 0;
      end = Math.max(0, in.read(buffer));
      return end > 0;
    }

    /// Up to the next line end, or to the end of the file.
    private byte[] line() throws IOException {
      byte[] line = new byte[0];
      while (true) {
        int stop = at;
        while (stop < end && buffer[stop] != '\n') {
          stop++;
        }
        boolean ended = stop < end;
        int take = stop - at + (ended && lineEnds ? 1 : 0);
        int before = line.length;
        line =
            before == 0
                ? Arrays.copyOfRange(buffer, at, at + take)
                : Arrays.copyOf(line, Math.addExact(before, take));
        if (before > 0) {
          System.arraycopy(buffer, at, line, before, take);
        }
        total += stop - at + (ended ? 1 : 0);
        at = ended ? stop + 1 : stop;
        if (ended || !fill()) {
          return line;
        }
      }
    }

    @Override
    public byte[] next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      has = false;
      read.accept(total);
      return next;
    }
  }
}
