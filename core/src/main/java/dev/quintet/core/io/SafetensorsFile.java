package dev.quintet.core.io;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A safetensors file, checked in full and mapped into memory.
///
/// [#open] enforces every rule of the format (README and `tensor.rs` of safetensors 0.8.0): the
/// header's length, UTF-8 and JSON without duplicate keys; tensors that lie end to end from the
/// first byte to the last, without overlap, hole or remainder, each of the size that its shape and
/// type give. Nothing is allocated by a number that has not been checked. Like the format's
/// documentation, and stricter than its code, it refuses a header that does not begin with `{` or
/// ends in anything but spaces, duplicate keys anywhere, and metadata that is null.
///
/// The mapping has no 2 GB limit, may be read by any thread and ends with [#close]. A file that
/// another process shortens meanwhile ends in an `InternalError` on access: replace files, do not
/// edit them.
public final class SafetensorsFile implements AutoCloseable {
  private final Path path;
  private final Runnable release;
  private final MemorySegment file;
  private final Map<String, TensorEntry> tensors;
  private final Map<String, String> metadata;
  private boolean closed;

  private SafetensorsFile(
      Path path, Runnable release, MemorySegment file, SafetensorsHeader header) {
    this.path = path;
    this.release = release;
    this.file = file;
    this.tensors = header.tensors();
    this.metadata = header.metadata();
  }

  /// Opens, maps and checks a file.
  ///
  /// @throws MalformedFileException if the file breaks a rule of the format
  /// @throws UncheckedIOException if it cannot be read
  public static SafetensorsFile open(Path path) {
    var arena = Arena.ofShared();
    boolean opened = false;
    try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      long length = headerLength(path, channel, size);
      MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
      var header = SafetensorsHeader.parse(path, file, length);
      opened = true;
      return new SafetensorsFile(path, arena::close, file, header);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the safetensors file " + path + ": " + e, e);
    } finally {
      if (!opened) {
        arena.close();
      }
    }
  }

  /// Opens, maps and checks a file like [#open], but so that [#segment] gives memory that may be written: pages are the
  /// file's own until then, and what is written never reaches it. Closing gives back what was written, and leaves the
  /// mapping to those who hold segments. Where the system cannot map so, segments are read-only as ever.
  ///
  /// @throws MalformedFileException if the file breaks a rule of the format
  /// @throws UncheckedIOException if it cannot be read
  public static SafetensorsFile openPrivate(Path path) {
    // Whatever is wrong with the file as such is found, and said, where it is opened plainly.
    checkReadable(path);
    Optional<PrivateMapping.Mapping> mapped = PrivateMapping.of(path);
    if (mapped.isEmpty()) {
      return open(path);
    }
    MemorySegment file = mapped.get().memory();
    var header = SafetensorsHeader.parse(path, file, headerLength(path, file));
    return new SafetensorsFile(path, mapped.get().drop(), file, header);
  }

  private static void checkReadable(Path path) {
    try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
      headerLength(path, channel, channel.size());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the safetensors file " + path + ": " + e, e);
    }
  }

  private static long headerLength(Path path, MemorySegment file) {
    if (file.byteSize() < SafetensorsHeader.PREFIX) {
      throw tooShort(path, file.byteSize());
    }
    long prefix = file.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN), 0);
    return SafetensorsHeader.checkedLength(path, prefix, file.byteSize());
  }

  private static MalformedFileException tooShort(Path path, long size) {
    return new MalformedFileException(
        path, size, "a safetensors file has at least 8 bytes, this one " + size);
  }

  private static long headerLength(Path path, FileChannel channel, long size) throws IOException {
    if (size < SafetensorsHeader.PREFIX) {
      throw tooShort(path, size);
    }
    var prefix = ByteBuffer.allocate(SafetensorsHeader.PREFIX).order(LITTLE_ENDIAN);
    while (prefix.hasRemaining() && channel.read(prefix, prefix.position()) >= 0) {}
    return SafetensorsHeader.checkedLength(path, prefix.getLong(0), size);
  }

  /// The file.
  public Path path() {
    return path;
  }

  /// The names of all tensors, in the order of their bytes.
  public List<String> names() {
    return List.copyOf(tensors.keySet());
  }

  /// The file's metadata, such as `format` = `pt`; empty where there is none.
  public Map<String, String> metadata() {
    return metadata;
  }

  /// Whether there is a tensor of this name.
  public boolean contains(String name) {
    return tensors.containsKey(name);
  }

  /// What the header says of a tensor.
  ///
  /// @throws IllegalArgumentException if there is none of this name
  public TensorEntry entry(String name) {
    @Nullable TensorEntry entry = tensors.get(name);
    if (entry == null) {
      throw new IllegalArgumentException(
          path
              + " has no tensor "
              + name
              + "; it has "
              + tensors.size()
              + ", such as "
              + tensors.keySet().stream().limit(3).toList());
    }
    return entry;
  }

  /// A tensor's bytes: a part of the mapping, little-endian, at any alignment, alive until [#close]; read-only unless
  /// the file was opened with [#openPrivate].
  ///
  /// @throws IllegalArgumentException if there is none of this name
  public MemorySegment segment(String name) {
    TensorEntry entry = entry(name);
    return file.asSlice(entry.offset(), entry.bytes());
  }

  /// Copies a tensor of F32, F16 or BF16 as F32; the values stay exactly the same.
  ///
  /// @param destination 4 bytes for each element
  /// @throws IllegalArgumentException if there is no such tensor, it has another type, or the
  ///     destination another size
  public void readFloats(String name, MemorySegment destination) {
    ElementReader.floats(this, name, destination, false);
  }

  /// Copies a tensor of F64, F32, F16 or BF16 as F32; F64 is rounded to the nearest.
  ///
  /// @param destination 4 bytes for each element
  /// @throws IllegalArgumentException if there is no such tensor, it has another type, or the
  ///     destination another size
  public void readRoundedFloats(String name, MemorySegment destination) {
    ElementReader.floats(this, name, destination, true);
  }

  /// Copies a tensor of integers or booleans as I32; wider ones must fit.
  ///
  /// @param destination 4 bytes for each element
  /// @throws IllegalArgumentException if there is no such tensor, it has another type, the
  ///     destination another size, or an element does not fit in 32 bits
  public void readInts(String name, MemorySegment destination) {
    ElementReader.ints(this, name, destination);
  }

  /// The elements of a tensor that [#readRoundedFloats] reads, as an array.
  public float[] floats(String name) {
    float[] values = new float[ElementReader.arrayLength(this, name)];
    readRoundedFloats(name, MemorySegment.ofArray(values));
    return values;
  }

  /// The elements of a tensor that [#readInts] reads, as an array.
  public int[] ints(String name) {
    int[] values = new int[ElementReader.arrayLength(this, name)];
    readInts(name, MemorySegment.ofArray(values));
    return values;
  }

  /// Unmaps the file; segments of it may not be used any more. May be called again.
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      release.run();
    }
  }
}
