package dev.quintet.models.torch;

import dev.quintet.core.io.MalformedFileException;
import dev.quintet.core.io.SafetensorsType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;

/// A file that PyTorch wrote with `torch.save`: a dictionary of tensors, and nothing but that. The zip form of 1.6 and later
/// is read, and the row of pickles that came before it.
///
/// The file is mapped and ends with [#close]. Everything is checked before a tensor is handed out: the zip file's
/// directory, the CRC-32 of what is used, each instruction of the pickle, and that each tensor lies inside
/// its storage.
public final class TorchFile implements AutoCloseable {
  private static final String PICKLE = "data.pkl";
  private static final long LONGEST_PICKLE = 16L << 20;
  private static final int ZIP = 0x04034b50;
  private static final int TAR_MAGIC = 257;

  private final Path path;
  private final Arena arena;
  private final MemorySegment file;
  private final Map<String, ZipDirectory.Entry> entries = new LinkedHashMap<>();
  private final Set<String> verified = new HashSet<>();
  private Map<String, TorchTensor> tensors = Map.of();

  private TorchFile(Path path, Arena arena, MemorySegment file) {
    this.path = path;
    this.arena = arena;
    this.file = file;
  }

  /// Opens, maps and checks a file.
  ///
  /// @throws MalformedFileException if it is of another kind, damaged, or holds anything but tensors
  /// @throws UncheckedIOException if it cannot be read
  public static TorchFile open(Path path) {
    var arena = Arena.ofShared();
    boolean opened = false;
    try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      var mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
      var file = new TorchFile(path, arena, mapped);
      file.read();
      opened = true;
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the PyTorch file " + path + ": " + e, e);
    } finally {
      if (!opened) {
        arena.close();
      }
    }
  }

  /// The tensors by name, in the dictionary's order; alive until [#close].
  public Map<String, TorchTensor> tensors() {
    return tensors;
  }

  /// The file.
  public Path path() {
    return path;
  }

  /// Unmaps the file; its tensors may not be used any more.
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  private void read() {
    if (BeforeZip.isOne(file)) {
      tensors = BeforeZip.read(path, file);
      return;
    }
    refuseOtherForms();
    List<ZipDirectory.Entry> all = ZipDirectory.read(path, file);
    String root = "";
    for (ZipDirectory.Entry entry : all) {
      entries.put(entry.name(), entry);
      int slash = entry.name().indexOf('/');
      if (slash > 0 && entry.name().substring(slash + 1).equals(PICKLE)) {
        if (!root.isEmpty()) {
          throw broken(entry.start(), "one " + PICKLE + " stands in the file");
        }
        root = entry.name().substring(0, slash + 1);
      }
    }
    ZipDirectory.Entry pickle = entries.get(root + PICKLE);
    if (root.isEmpty() || pickle == null) {
      throw broken(
          0, "a file of torch.save holds " + PICKLE + "; this zip file is of another kind");
    }
    checkByteOrder(root);
    if (pickle.bytes() > LONGEST_PICKLE) {
      throw broken(
          pickle.start(),
          PICKLE + " has at most " + LONGEST_PICKLE + " bytes, not " + pickle.bytes());
    }
    String storages = root + "data/";
    tensors =
        PickleReader.read(
            path,
            verified(pickle),
            pickle.start(),
            (key, type, elements) -> storage(storages + key, type, elements));
  }

  private void refuseOtherForms() {
    if (file.byteSize() >= 4
        && file.get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0) == ZIP) {
      return;
    }
    if (file.byteSize() > TAR_MAGIC + 5 && text(TAR_MAGIC, 5).equals("ustar")) {
      throw broken(
          TAR_MAGIC,
          "this is a tar archive of a PyTorch before 0.1.10, which is not read: load it there and"
              + " save it again");
    }
    throw broken(
        0, "a file of torch.save begins as a zip file does, with PK 3 4, or with its magic number");
  }

  private void checkByteOrder(String root) {
    ZipDirectory.Entry entry = entries.get(root + "byteorder");
    if (entry == null) {
      return;
    }
    String order = entry.bytes() <= 16 ? text(entry.start(), entry.bytes()) : "";
    if (!order.equals("little")) {
      throw broken(
          entry.start(), "the byte order is little-endian; this file says '" + order + "'");
    }
  }

  private MemorySegment storage(String name, SafetensorsType type, long elements) {
    ZipDirectory.Entry entry = entries.get(name);
    if (entry == null) {
      throw new IllegalArgumentException(
          "a tensor names the storage " + name + ", which is missing");
    }
    if (type.bytes(elements) != entry.bytes()) {
      throw new IllegalArgumentException(
          "the storage "
              + name
              + " of "
              + elements
              + " elements of "
              + type
              + " has as many bytes, not "
              + entry.bytes());
    }
    return verified(entry);
  }

  private MemorySegment verified(ZipDirectory.Entry entry) {
    MemorySegment bytes = file.asSlice(entry.start(), entry.bytes());
    // PyTorch can be told to leave the sums out; it then writes 0.
    if (entry.crc() != 0 && verified.add(entry.name())) {
      var crc = new CRC32();
      for (long at = 0; at < bytes.byteSize(); at += 1 << 30) {
        ByteBuffer piece =
            bytes.asSlice(at, Math.min(1 << 30, bytes.byteSize() - at)).asByteBuffer();
        crc.update(piece);
      }
      if ((int) crc.getValue() != entry.crc()) {
        throw broken(
            entry.start(),
            "the bytes of "
                + entry.name()
                + " have the CRC-32 that the directory says: the file is damaged, get it again");
      }
    }
    return bytes;
  }

  private String text(long at, long bytes) {
    byte[] raw = new byte[(int) bytes];
    MemorySegment.copy(file, ValueLayout.JAVA_BYTE, at, raw, 0, raw.length);
    return new String(raw, StandardCharsets.ISO_8859_1);
  }

  private MalformedFileException broken(long at, String rule) {
    return new MalformedFileException(path, at, rule);
  }
}
