package dev.quintet.core.io;

import dev.quintet.core.io.HeaderJson.Found;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a safetensors header says, once it is known to be true of the file: the tensors by name, in
/// the order of their bytes, and the metadata.
record SafetensorsHeader(Map<String, TensorEntry> tensors, Map<String, String> metadata) {
  /// The longest header the format allows, in bytes.
  static final long MAX_LENGTH = 100_000_000;

  /// The length prefix, in bytes.
  static final int PREFIX = 8;

  /// The key that holds no tensor.
  static final String METADATA = "__metadata__";

  /// Checks the length prefix against the format's limit and the file's size.
  static long checkedLength(Path path, long prefix, long fileSize) {
    if (prefix < 0 || prefix > MAX_LENGTH) {
      throw new MalformedFileException(
          path,
          0,
          "the header may have at most "
              + MAX_LENGTH
              + " bytes, but claims "
              + Long.toUnsignedString(prefix));
    }
    if (prefix > fileSize - PREFIX) {
      throw new MalformedFileException(
          path,
          0,
          "the header claims " + prefix + " bytes, but only " + (fileSize - PREFIX) + " follow");
    }
    return prefix;
  }

  /// Parses the header of a whole file whose length prefix has been checked.
  static SafetensorsHeader parse(Path path, MemorySegment file, long length) {
    var json = HeaderJson.read(path, file, PREFIX, PREFIX + length);
    var layout = new Layout(path, PREFIX + length, file.byteSize() - PREFIX - length);
    return new SafetensorsHeader(
        layout.entries(json.tensors()), Collections.unmodifiableMap(json.metadata()));
  }

  /// The rules for where tensors lie.
  ///
  /// @param dataStart the byte of the file that offset 0 means
  /// @param available the bytes that follow the header
  private record Layout(Path path, long dataStart, long available) {
    Map<String, TensorEntry> entries(List<Found> found) {
      found.sort(Comparator.comparingLong(Found::start).thenComparingLong(Found::end));
      var entries = LinkedHashMap.<String, TensorEntry>newLinkedHashMap(found.size());
      long next = 0;
      for (Found tensor : found) {
        checkPlace(tensor, next);
        long bytes = tensor.end() - tensor.start();
        entries.put(
            tensor.name(),
            new TensorEntry(
                tensor.name(), tensor.type(), tensor.dims(), dataStart + tensor.start(), bytes));
        next = tensor.end();
      }
      if (next != available) {
        throw broken(
            dataStart + next,
            "the last tensor must end the file, but " + (available - next) + " bytes follow");
      }
      return Collections.unmodifiableMap(entries);
    }

    private void checkPlace(Found tensor, long next) {
      long bytes = tensor.end() - tensor.start();
      if (bytes < 0) {
        throw broken(tensor, "ends before it starts");
      }
      if (tensor.start() < next) {
        throw broken(tensor, "overlaps the tensor before it, which ends at " + next);
      }
      if (tensor.start() > next) {
        throw broken(tensor, "leaves a hole: the tensor before it ends at " + next);
      }
      if (tensor.end() > available) {
        throw broken(tensor, "ends beyond the file's " + available + " bytes of data");
      }
      long needed = bytesOf(tensor);
      if (needed != bytes) {
        throw broken(tensor, "has " + bytes + " bytes, but its shape and type take " + needed);
      }
    }

    private long bytesOf(Found tensor) {
      try {
        long elements = 1;
        for (long dim : tensor.dims()) {
          elements = Math.multiplyExact(elements, dim);
        }
        return tensor.type().bytes(elements);
      } catch (ArithmeticException e) {
        throw broken(tensor, "has a shape that gives no whole number of bytes, or over 2^60");
      }
    }

    private MalformedFileException broken(Found tensor, String what) {
      return broken(
          tensor.place(),
          "tensor "
              + HeaderJson.shortened(tensor.name())
              + " of "
              + tensor.type()
              + Arrays.toString(tensor.dims())
              + " at data_offsets ["
              + tensor.start()
              + ", "
              + tensor.end()
              + "] "
              + what);
    }

    private MalformedFileException broken(long offset, String rule) {
      return new MalformedFileException(path, offset, rule);
    }
  }
}
