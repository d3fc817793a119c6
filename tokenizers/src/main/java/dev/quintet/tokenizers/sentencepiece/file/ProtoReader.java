package dev.quintet.tokenizers.sentencepiece.file;

import dev.quintet.tokenizers.file.MalformedFileException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Reads one protocol-buffers message field by field, strictly within its bounds (the wire format
/// of protobuf.dev/programming-guides/encoding). Nothing is allocated by a length that has not
/// been checked against the bytes that are left.
final class ProtoReader {

  /// How a field's value is laid out.
  enum Wire {
    VARINT,
    FIXED64,
    BYTES,
    FIXED32
  }

  private final String file;
  private final byte[] bytes;
  private final int end;
  private int at;
  private int number;
  private Wire wire = Wire.VARINT;

  /// The current field's value where it is a number.
  private long value;

  /// The current field's value where it is bytes.
  private int from;

  private int to;

  ProtoReader(String file, byte[] bytes) {
    this(file, bytes, 0, bytes.length);
  }

  private ProtoReader(String file, byte[] bytes, int start, int end) {
    this.file = file;
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /// Moves to the next field; says false at the end.
  boolean next() {
    if (at == end) {
      return false;
    }
    int start = at;
    long tag = varint();
    number = (int) (tag >>> 3);
    if (tag >>> 3 == 0 || tag >>> 3 > 0x1FFFFFFF) {
      throw malformed(start, "a field number from 1 to 536870911, got " + (tag >>> 3));
    }
    switch ((int) (tag & 7)) {
      case 0 -> {
        wire = Wire.VARINT;
        value = varint();
      }
      case 1 -> {
        wire = Wire.FIXED64;
        value = buffer(skip(8), 8).getLong();
      }
      case 2 -> {
        wire = Wire.BYTES;
        long length = varint();
        if (length < 0 || length > end - at) {
          throw malformed(start, "a length within the " + (end - at) + " bytes that are left");
        }
        from = skip((int) length);
        to = at;
      }
      case 5 -> {
        wire = Wire.FIXED32;
        value = buffer(skip(4), 4).getInt();
      }
      default -> throw malformed(start, "a wire type of 0, 1, 2 or 5, got " + (tag & 7));
    }
    return true;
  }

  int number() {
    return number;
  }

  int offset() {
    return at;
  }

  private int skip(int length) {
    if (length > end - at) {
      throw malformed(at, length + " more bytes");
    }
    int start = at;
    at += length;
    return start;
  }

  private ByteBuffer buffer(int start, int length) {
    return ByteBuffer.wrap(bytes, start, length).order(ByteOrder.LITTLE_ENDIAN);
  }

  private long varint() {
    long result = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte b = bytes[skip(1)];
      result |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return result;
      }
    }
    throw malformed(at, "a number of at most ten bytes");
  }

  private void expect(Wire expected) {
    if (wire != expected) {
      throw malformed(at, "field " + number + " as " + expected + ", got " + wire);
    }
  }

  int int32() {
    expect(Wire.VARINT);
    return (int) value;
  }

  boolean bool() {
    expect(Wire.VARINT);
    return value != 0;
  }

  float float32() {
    expect(Wire.FIXED32);
    return Float.intBitsToFloat((int) value);
  }

  byte[] byteArray() {
    expect(Wire.BYTES);
    byte[] copy = new byte[to - from];
    System.arraycopy(bytes, from, copy, 0, copy.length);
    return copy;
  }

  String string() {
    expect(Wire.BYTES);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(buffer(from, to - from)).toString();
    } catch (CharacterCodingException _) {
      throw malformed(from, "field " + number + " as UTF-8");
    }
  }

  ProtoReader message() {
    expect(Wire.BYTES);
    return new ProtoReader(file, bytes, from, to);
  }

  MalformedFileException malformed(int offset, String expected) {
    return new MalformedFileException(file, "offset " + offset, "expected " + expected);
  }
}
