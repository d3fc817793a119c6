package dev.quintet.trainer.events;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// A message of protocol buffers, version 3, written field by field in ascending order. Zeros and empty texts are left out but
/// where a field is one of several that exclude each other.
final class Message {
  private static final int VARINT = 0;
  private static final int EIGHT_BYTES = 1;
  private static final int BYTES = 2;
  private static final int FOUR_BYTES = 5;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  byte[] bytes() {
    return bytes.toByteArray();
  }

  Message number(int field, double value) {
    return Double.doubleToRawLongBits(value) == 0 ? this : numberAlways(field, value);
  }

  /// A number that is written when it is 0 too.
  Message numberAlways(int field, double value) {
    key(field, EIGHT_BYTES);
    littleEndian(ByteBuffer.allocate(Double.BYTES), value);
    return this;
  }

  /// A float that is written when it is 0 too.
  Message floatAlways(int field, float value) {
    key(field, FOUR_BYTES);
    bytes.writeBytes(
        ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
    return this;
  }

  Message whole(int field, long value) {
    return value == 0 ? this : wholeAlways(field, value);
  }

  /// A whole number that is written when it is 0 too.
  Message wholeAlways(int field, long value) {
    key(field, VARINT);
    varint(value);
    return this;
  }

  Message text(int field, String value) {
    return value.isEmpty() ? this : textAlways(field, value);
  }

  /// A text that is written when it is empty too.
  Message textAlways(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  Message message(int field, Message value) {
    return bytes(field, value.bytes());
  }

  Message bytes(int field, byte[] value) {
    key(field, BYTES);
    varint(value.length);
    bytes.writeBytes(value);
    return this;
  }

  /// Floats one behind the other.
  Message packed(int field, float... values) {
    var buffer = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      buffer.putFloat(value);
    }
    return values.length == 0 ? this : bytes(field, buffer.array());
  }

  /// Doubles one behind the other.
  Message packed(int field, double... values) {
    var buffer = ByteBuffer.allocate(values.length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (double value : values) {
      buffer.putDouble(value);
    }
    return values.length == 0 ? this : bytes(field, buffer.array());
  }

  private void littleEndian(ByteBuffer buffer, double value) {
    bytes.writeBytes(buffer.order(ByteOrder.LITTLE_ENDIAN).putDouble(value).array());
  }

  private void key(int field, int kind) {
    varint((long) field << 3 | kind);
  }

  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes.write((int) (rest & 0x7F | 0x80));
      rest >>>= 7;
    }
    bytes.write((int) rest);
  }
}
