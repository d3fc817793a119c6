package dev.quintet.models.torch;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.quintet.core.io.MalformedFileException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// The bytes of a pickle, read from the front; whoever reads past the end is told so.
final class PickleBytes {
  private static final int LONGEST_TEXT = 1 << 16;

  private final Path path;
  private final MemorySegment bytes;
  private final long fileOffset;
  private long at;
  private long instruction;

  /// @param fileOffset where in the file the pickle begins
  PickleBytes(Path path, MemorySegment bytes, long fileOffset) {
    this.path = path;
    this.bytes = bytes;
    this.fileOffset = fileOffset;
  }

  /// The next instruction.
  int instruction() {
    instruction = at;
    return uint8();
  }

  int uint8() {
    return bytes.get(ValueLayout.JAVA_BYTE, take(1)) & 0xFF;
  }

  int uint16() {
    return bytes.get(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN), take(2)) & 0xFFFF;
  }

  int int32() {
    return bytes.get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN), take(4));
  }

  long int64() {
    return bytes.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN), take(8));
  }

  double float64() {
    return bytes.get(ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(BIG_ENDIAN), take(8));
  }

  /// A two's complement number of this many bytes.
  long signed(int count) {
    if (count > 8) {
      throw broken("a number has at most 8 bytes, not " + count);
    }
    long from = take(count);
    long value = 0;
    for (int i = count - 1; i >= 0; i--) {
      value = value << 8 | (bytes.get(ValueLayout.JAVA_BYTE, from + i) & 0xFF);
    }
    int unused = 64 - 8 * count;
    return count == 0 ? 0 : value << unused >> unused;
  }

  String text(long length) {
    if (length < 0 || length > LONGEST_TEXT) {
      throw broken("a text has at most " + LONGEST_TEXT + " bytes, not " + length);
    }
    return decoded(take(length), length);
  }

  /// The text up to the line's end.
  String line() {
    long from = at;
    while (uint8() != '\n') {
      if (at - from > LONGEST_TEXT) {
        throw broken("a text has at most " + LONGEST_TEXT + " bytes");
      }
    }
    return decoded(from, at - from - 1);
  }

  /// Bytes from the pickle's start to the next instruction.
  long position() {
    return at;
  }

  boolean finished() {
    return at == bytes.byteSize();
  }

  /// The exception for the current instruction.
  MalformedFileException broken(String rule) {
    return new MalformedFileException(path, fileOffset + instruction, "as a pickle: " + rule);
  }

  private String decoded(long from, long length) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(bytes.asSlice(from, length).asByteBuffer())
          .toString();
    } catch (CharacterCodingException e) {
      throw broken("texts are UTF-8");
    }
  }

  private long take(long count) {
    if (count > bytes.byteSize() - at) {
      throw broken("it ends within an instruction or without STOP");
    }
    long from = at;
    at += count;
    return from;
  }
}
