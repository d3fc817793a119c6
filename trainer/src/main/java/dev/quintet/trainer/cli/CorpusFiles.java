package dev.quintet.trainer.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
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

  /// The lines.
  ///
  /// @param lineEnds whether each keeps its line end
  /// @param read is told after each line how many bytes were read so far
  Iterator<byte[]> lines(boolean lineEnds, LongConsumer read) {
    if (files.contains(Path.of(STANDARD_INPUT))) {
      if (standardInputRead) {
        throw new IllegalArgumentException(
            "this corpus has to be read twice (character_coverage leaves the space out), which standard input cannot be;"
                + " write it to a file");
      }
      standardInputRead = true;
    }
    return new Lines(lineEnds, read);
  }

  private final class Lines implements Iterator<byte[]> {
    private final boolean lineEnds;
    private final LongConsumer read;
    private final Iterator<Path> rest = files.iterator();
    private final byte[] buffer = new byte[1 << 16];
    private InputStream in = InputStream.nullInputStream();
    private int at;
    private int end;
    private long total;
    private byte[] next = new byte[0];
    private boolean has;

    Lines(boolean lineEnds, LongConsumer read) {
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
            Path file = rest.next();
            in =
                file.equals(Path.of(STANDARD_INPUT))
                    ? StandardInput.stream()
                    : Files.newInputStream(file);
            continue;
          }
          next = line();
          has = true;
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
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
