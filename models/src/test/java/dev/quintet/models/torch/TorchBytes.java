package dev.quintet.models.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Makes pickles instruction by instruction, and zip files around them.
public final class TorchBytes {
  private final ByteArrayOutputStream pickle = new ByteArrayOutputStream();

  private TorchBytes() {}

  /// A pickle that has only begun.
  public static TorchBytes pickle() {
    return new TorchBytes().code(0x80, 2);
  }

  /// Single bytes.
  public TorchBytes code(int... codes) {
    for (int code : codes) {
      pickle.write(code);
    }
    return this;
  }

  /// Bytes of text.
  public TorchBytes raw(String text) {
    pickle.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /// A text.
  public TorchBytes text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return code('X').int32(bytes.length).raw(text);
  }

  /// A name.
  public TorchBytes global(String module, String name) {
    return raw("c" + module + "\n" + name + "\n");
  }

  /// Four bytes.
  public TorchBytes int32(int value) {
    pickle.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    return this;
  }

  /// A number.
  public TorchBytes number(long value) {
    pickle.writeBytes(
        ByteBuffer.allocate(10)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put((byte) 0x8a)
            .put((byte) 8)
            .putLong(value)
            .array());
    return this;
  }

  /// A tuple of numbers.
  public TorchBytes numbers(long... values) {
    code('(');
    for (long value : values) {
      number(value);
    }
    return code('t');
  }

  /// A storage.
  public TorchBytes storage(String kind, String key, long elements) {
    return code('(')
        .text("storage")
        .global("torch", kind)
        .text(key)
        .text("cpu")
        .number(elements)
        .code('t', 'Q');
  }

  /// A tensor of the storage 0 of 6 floats.
  public TorchBytes tensor(long offset, long[] sizes, long[] strides) {
    return global("torch._utils", "_rebuild_tensor_v2")
        .code('(')
        .storage("FloatStorage", "0", 6)
        .number(offset)
        .numbers(sizes)
        .numbers(strides)
        .code(0x89)
        .global("collections", "OrderedDict")
        .code(')', 'R', 't', 'R');
  }

  /// A dictionary of one entry whose value this is, and the end.
  public static byte[] dictionary(TorchBytes value) {
    return pickle().code('}').text("a").join(value).code('s', '.').bytes();
  }

  /// A part, without the beginning.
  public static TorchBytes part() {
    return new TorchBytes();
  }

  /// Another's bytes behind these.
  public TorchBytes join(TorchBytes other) {
    pickle.writeBytes(other.bytes());
    return this;
  }

  /// All bytes.
  public byte[] bytes() {
    return pickle.toByteArray();
  }

  /// A file of `torch.save` with this pickle and a storage 0 of 6 floats.
  public static byte[] file(byte[] pickle) {
    return file(pickle, Map.of());
  }

  /// A file of `torch.save` with more entries, or others in place of the usual ones.
  public static byte[] file(byte[] pickle, Map<String, byte[]> others) {
    var entries = new LinkedHashMap<String, byte[]>();
    entries.put("archive/data.pkl", pickle);
    entries.put("archive/byteorder", "little".getBytes(StandardCharsets.UTF_8));
    entries.put("archive/data/0", floats(0, 1, 2, 3, 4, 5));
    entries.put("archive/version", "3\n".getBytes(StandardCharsets.UTF_8));
    entries.putAll(others);
    return zip(entries);
  }

  /// A zip file of stored entries.
  public static byte[] zip(Map<String, byte[]> entries) {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      for (var entry : entries.entrySet()) {
        var crc = new CRC32();
        crc.update(entry.getValue());
        var header = new ZipEntry(entry.getKey());
        header.setMethod(ZipEntry.STORED);
        header.setSize(entry.getValue().length);
        header.setCrc(crc.getValue());
        zip.putNextEntry(header);
        zip.write(entry.getValue());
        zip.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /// Little-endian floats.
  public static byte[] floats(float... values) {
    var buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      buffer.putFloat(value);
    }
    return buffer.array();
  }
}
