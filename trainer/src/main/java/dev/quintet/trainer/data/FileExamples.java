package dev.quintet.trainer.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/// Examples of the lines of a file that is too large for memory: a line is read and encoded when it is asked for. Eight bytes a
/// line stay in memory, off the heap.
///
/// As any line can be reached, an epoch is shuffled as a whole, and a run that goes on after a kill reads no line twice. Where
/// reaching lines anywhere in a file is slow, a [ShuffleBuffer] keeps those of a step near one another.
public final class FileExamples implements Examples, AutoCloseable {
  private final Path file;
  private final FileChannel channel;
  private final Function<String, Example> encode;
  private final String fingerprint;
  private final OptionalInt buffer;
  private final int size;
  private Arena arena = Arena.ofShared();
  private MemorySegment starts = arena.allocate(1 << 16, 8);

  /// Looks for the lines of a file.
  ///
  /// @param file with a line feed behind each line, blank ones among them not
  /// @param encode makes an example of a line; called by several threads
  /// @param settings what else decides the examples, for [#fingerprint]
  /// @throws UncheckedIOException if it cannot be read
  public FileExamples(Path file, Function<String, Example> encode, String settings) {
    this(file, encode, settings, OptionalInt.empty());
  }

  /// Looks for the lines of a file, which are shuffled through a buffer.
  ///
  /// @param file with a line feed behind each line, blank ones among them not
  /// @param encode makes an example of a line; called by several threads
  /// @param settings what else decides the examples, for [#fingerprint]
  /// @param buffer slots of a [ShuffleBuffer]; nothing where an epoch is shuffled as a whole
  /// @throws UncheckedIOException if it cannot be read
  public FileExamples(
      Path file, Function<String, Example> encode, String settings, OptionalInt buffer) {
    this.file = file;
    this.buffer = buffer;
    this.encode = encode;
    try {
      channel = FileChannel.open(file, StandardOpenOption.READ);
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(
          ((buffer.isPresent() ? settings + " buffer " + buffer.getAsInt() : settings) + "\n")
              .getBytes(StandardCharsets.UTF_8));
      size = lines(digest);
      fingerprint = HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (IOException e) {
      throw unreadable(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private int lines(MessageDigest digest) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    int count = 0;
    long at = 0;
    for (int read = channel.read(buffer, 0); read > 0; read = channel.read(buffer, at)) {
      digest.update(buffer.array(), 0, read);
      for (int i = 0; i < read; i++) {
        if (buffer.get(i) == '\n') {
          start(++count, at + i + 1);
        }
      }
      at += read;
      buffer.clear();
    }
    if (at > start(count)) {
      start(++count, at);
    }
    return count;
  }

  private long start(long line) {
    return starts.get(ValueLayout.JAVA_LONG, line * 8);
  }

  private void start(long line, long at) {
    if (line * 8 == starts.byteSize()) {
      Arena larger = Arena.ofShared();
      MemorySegment more = larger.allocate(starts.byteSize() * 2, 8);
      more.copyFrom(starts);
      arena.close();
      arena = larger;
      starts = more;
    }
    starts.set(ValueLayout.JAVA_LONG, line * 8, at);
  }

  @Override
  public int size() {
    return size;
  }

  /// Bytes of the line, to which the tokens are nearly in proportion.
  @Override
  public int length(int index) {
    return (int) Math.min(Integer.MAX_VALUE, start(index + 1L) - start(index));
  }

  @Override
  public int[] order(long seed, long epoch) {
    return buffer.isPresent()
        ? ShuffleBuffer.order(size, buffer.getAsInt(), seed, epoch)
        : Examples.super.order(seed, epoch);
  }

  @Override
  public Example example(int index, long epoch) {
    ByteBuffer bytes = ByteBuffer.allocate(length(index));
    try {
      while (bytes.hasRemaining()) {
        if (channel.read(bytes, start(index) + bytes.position()) < 0) {
          throw new IOException("it has become shorter");
        }
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
    return encode.apply(new String(bytes.array(), StandardCharsets.UTF_8).stripTrailing());
  }

  @Override
  public Optional<String> fingerprint() {
    return Optional.of(fingerprint);
  }

  private UncheckedIOException unreadable(IOException e) {
    return new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
  }

  @Override
  public void close() {
    arena.close();
    try {
      channel.close();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }
}
