package dev.quintet.trainer.rows;

import dev.quintet.trainer.data.MalformedDataException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/// Reads the rows of files one after another; nothing of them stays in memory.
public final class RowReader implements AutoCloseable {
  private static final int LISTED = 20;

  private final RowFiles files;
  private final Iterator<Path> rest;
  private final List<SourceFile> done = new ArrayList<>();
  private final List<String> listed = new ArrayList<>();
  private Optional<Open> open = Optional.empty();
  private long rows;
  private long bad;

  RowReader(RowFiles files) {
    this.files = files;
    this.rest = files.files().iterator();
  }

  /// A file that was read to its end.
  ///
  /// @param file its name
  /// @param bytes how long it is
  /// @param sha256 of its bytes
  /// @param rows how many it gave
  public record SourceFile(Path file, long bytes, String sha256, long rows) {}

  private record Open(Path file, FileRows rows, Counted raw, long before) {}

  /// The next row; nothing at the end of the last file.
  ///
  /// @throws MalformedDataException that names file and line, if a row breaks the rules and such are not to be
  ///     passed over, or if too many do
  /// @throws UncheckedIOException if a file cannot be read
  public Optional<Row> next() {
    while (true) {
      if (open.isEmpty()) {
        if (!rest.hasNext()) {
          checkBad();
          return Optional.empty();
        }
        open = Optional.of(open(rest.next()));
      }
      FileRows present = open.get().rows;
      try {
        Optional<Row> row = present.next();
        if (row.isPresent()) {
          rows++;
          return row;
        }
        finish(open.get());
      } catch (MalformedDataException e) {
        if (files.badLimit().isEmpty() || !present.goOn()) {
          throw e;
        }
        bad++;
        if (listed.size() < LISTED) {
          listed.add(String.valueOf(e.getMessage()));
        }
      }
    }
  }

  private void checkBad() {
    double limit = files.badLimit().orElse(1.0);
    if (bad > limit * (rows + bad)) {
      throw new MalformedDataException(
          "%,d of %,d rows break the rules, more than the share of %s that \"bad_rows_limit\" allows; the first: %s"
              .formatted(bad, rows + bad, limit, listed.getFirst()));
    }
  }

  private Open open(Path file) {
    try {
      if (Files.isDirectory(file)) {
        throw new IOException(file + " is a folder; expected a file");
      }
      var raw = new Counted(Files.newInputStream(file));
      try {
        return new Open(file, files.rows(file, raw), raw, rows);
      } catch (RuntimeException e) {
        raw.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void finish(Open finished) {
    finished.rows.close();
    done.add(
        new SourceFile(
            finished.file,
            finished.raw.bytes,
            HexFormat.of().formatHex(finished.raw.digest.digest()),
            rows - finished.before));
    open = Optional.empty();
  }

  /// How many rows there were so far.
  public long rows() {
    return rows;
  }

  /// How many rows broke the rules and were passed over.
  public long bad() {
    return bad;
  }

  /// What was wrong with the first of those, with file and line.
  public List<String> badRows() {
    return List.copyOf(listed);
  }

  /// Bytes of the files that were read so far.
  public long bytes() {
    return done.stream().mapToLong(SourceFile::bytes).sum()
        + open.map(present -> present.raw.bytes).orElse(0L);
  }

  /// The files that are read to their end.
  public List<SourceFile> sources() {
    return List.copyOf(done);
  }

  @Override
  public void close() {
    open.ifPresent(present -> present.rows.close());
    open = Optional.empty();
  }

  /// Counts and digests the bytes of a file.
  private static final class Counted extends FilterInputStream {
    private final MessageDigest digest;
    private long bytes;

    Counted(InputStream in) {
      super(in);
      try {
        digest = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java has SHA-256", e);
      }
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int count = super.read(into, offset, length);
      if (count > 0) {
        digest.update(into, offset, count);
        bytes += count;
      }
      return count;
    }
  }
}
