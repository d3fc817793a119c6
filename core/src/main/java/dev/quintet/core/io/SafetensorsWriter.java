package dev.quintet.core.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// Writes safetensors files, byte for byte as the format's own library does.
///
/// Tensors are laid by falling alignment of their type and then by name, the metadata by key, so
/// equal contents give equal files. The header is padded with spaces to a multiple of 8 bytes,
/// which aligns every tensor to its elements. The file appears whole or not at all ([AtomicFile]),
/// also in place of one that is mapped: its readers keep the old bytes.
public final class SafetensorsWriter {
  /// The metadata that Hugging Face's loaders look for.
  public static final Map<String, String> PYTORCH = Map.of("format", "pt");

  // Unsigned UTF-8 order, which is code point order; String's own differs beyond U+FFFF.
  private static final Comparator<String> BY_UTF8 =
      (a, b) ->
          Arrays.compareUnsigned(
              a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

  private SafetensorsWriter() {}

  /// Writes tensors and the metadata `format` = `pt`.
  ///
  /// @throws IllegalArgumentException if a name cannot stand in a file
  /// @throws UncheckedIOException if the file cannot be written; what was there before is then
  ///     still there
  public static void write(Path path, Map<String, TensorData> tensors) {
    write(path, tensors, PYTORCH);
  }

  /// Writes tensors and metadata; empty metadata is left out.
  ///
  /// @throws IllegalArgumentException if a name or a metadata string cannot stand in a file
  /// @throws UncheckedIOException if the file cannot be written; what was there before is then
  ///     still there
  public static void write(
      Path path, Map<String, TensorData> tensors, Map<String, String> metadata) {
    var specs = new TreeMap<String, TensorSpec>();
    tensors.forEach((name, data) -> specs.put(name, new TensorSpec(data.type(), data.shape())));
    AtomicFile.write(
        path,
        content(
            path,
            specs,
            metadata,
            (name, out) -> out.write(Objects.requireNonNull(tensors.get(name)).bytes())));
  }

  /// Writes the bytes of one tensor after the other.
  @FunctionalInterface
  public interface Bytes {
    /// Writes exactly the bytes of a tensor.
    void writeTo(String name, AtomicFile.Output out) throws IOException;
  }

  /// The contents of a file whose tensors' bytes are made when their turn comes, so that they need not all be there
  /// at once.
  ///
  /// @param path the file, for messages
  /// @param tensors what is to be written
  /// @param metadata left out where it is empty
  /// @param bytes called once for each tensor, in the file's order
  /// @throws IllegalArgumentException if a name or a metadata string cannot stand in a file
  public static AtomicFile.Content content(
      Path path, Map<String, TensorSpec> tensors, Map<String, String> metadata, Bytes bytes) {
    List<Map.Entry<String, TensorSpec>> ordered =
        tensors.entrySet().stream()
            .sorted(
                Map.Entry.<String, TensorSpec>comparingByValue(
                        Comparator.comparing(TensorSpec::type).reversed())
                    .thenComparing(Map.Entry.comparingByKey(BY_UTF8)))
            .toList();
    byte[] header = header(path, ordered, metadata);
    return out -> {
      var prefix = ByteBuffer.allocate(SafetensorsHeader.PREFIX).order(ByteOrder.LITTLE_ENDIAN);
      out.write(MemorySegment.ofBuffer(prefix.putLong(0, header.length)));
      out.write(MemorySegment.ofArray(header));
      for (var tensor : ordered) {
        var counted = new Counted(out);
        bytes.writeTo(tensor.getKey(), counted);
        counted.check(path, tensor.getKey(), tensor.getValue());
      }
    };
  }

  private static final class Counted implements AtomicFile.Output {
    private final AtomicFile.Output out;
    private long count;

    Counted(AtomicFile.Output out) {
      this.out = out;
    }

    @Override
    public void write(MemorySegment bytes) throws IOException {
      count += bytes.byteSize();
      out.write(bytes);
    }

    void check(Path path, String name, TensorSpec spec) {
      if (count != spec.bytes()) {
        throw new IllegalStateException(
            "writing " + path + ": " + name + " takes " + spec.bytes() + " bytes, not " + count);
      }
    }
  }

  private static byte[] header(
      Path path, List<Map.Entry<String, TensorSpec>> tensors, Map<String, String> metadata) {
    var json = new StringBuilder("{");
    if (!metadata.isEmpty()) {
      quote(path, json, SafetensorsHeader.METADATA).append(":{");
      var sorted = new TreeMap<String, String>(BY_UTF8);
      sorted.putAll(metadata);
      sorted.forEach(
          (key, value) -> quote(path, quote(path, json, key).append(':'), value).append(','));
      closeList(json).append("},");
    }
    long offset = 0;
    for (var tensor : tensors) {
      if (tensor.getKey().equals(SafetensorsHeader.METADATA)) {
        throw new IllegalArgumentException(
            "writing " + path + ": a tensor may not be called " + SafetensorsHeader.METADATA);
      }
      TensorSpec data = tensor.getValue();
      long end = Math.addExact(offset, data.bytes());
      quote(path, json, tensor.getKey()).append(":{\"dtype\":\"").append(data.type());
      json.append("\",\"shape\":").append(data.shape().toString().replace(" ", ""));
      json.append(",\"data_offsets\":[").append(offset).append(',').append(end).append("]},");
      offset = end;
    }
    closeList(json).append('}');
    return encoded(path, json);
  }

  private static byte[] encoded(Path path, StringBuilder json) {
    byte[] bytes = json.toString().getBytes(StandardCharsets.UTF_8);
    int length = bytes.length;
    if (length > SafetensorsHeader.MAX_LENGTH) {
      throw new IllegalArgumentException(
          "writing "
              + path
              + ": the header would have "
              + length
              + " bytes, over the format's limit of "
              + SafetensorsHeader.MAX_LENGTH
              + "; use fewer tensors or less metadata");
    }
    byte[] padded = Arrays.copyOf(bytes, length + (-length & 7));
    Arrays.fill(padded, length, padded.length, (byte) ' ');
    return padded;
  }

  private static StringBuilder closeList(StringBuilder json) {
    if (json.charAt(json.length() - 1) == ',') {
      json.setLength(json.length() - 1);
    }
    return json;
  }

  private static StringBuilder quote(Path path, StringBuilder json, String text) {
    if (JsonText.holdsUnpaired(text)) {
      throw new IllegalArgumentException(
          "writing " + path + ": a name or a metadata string holds an unpaired surrogate");
    }
    return JsonText.quote(json, text);
  }
}
