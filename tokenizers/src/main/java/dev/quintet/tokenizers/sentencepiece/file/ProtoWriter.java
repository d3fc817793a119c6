package dev.quintet.tokenizers.sentencepiece.file;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Writes one protocol-buffers message field by field.
public final class ProtoWriter {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /// Makes an empty message.
  public ProtoWriter() {}

  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.write((int) (rest & 0x7F | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  /// Adds a whole number; a negative one takes ten bytes, as the format has it.
  ///
  /// @param number the field's number
  /// @param value the value
  /// @return this
  public ProtoWriter number(int number, long value) {
    varint((long) number << 3);
    varint(value);
    return this;
  }

  /// Adds a truth value.
  ///
  /// @param number the field's number
  /// @param value the value
  /// @return this
  public ProtoWriter bool(int number, boolean value) {
    return number(number, value ? 1 : 0);
  }

  /// Adds a float.
  ///
  /// @param number the field's number
  /// @param value the value
  /// @return this
  public ProtoWriter float32(int number, float value) {
    varint((long) number << 3 | 5);
    int bits = Float.floatToRawIntBits(value);
    for (int i = 0; i < 4; i++) {
      out.write(bits >>> 8 * i);
    }
    return this;
  }

  /// Adds bytes.
  ///
  /// @param number the field's number
  /// @param value the value
  /// @return this
  public ProtoWriter bytes(int number, byte[] value) {
    varint((long) number << 3 | 2);
    varint(value.length);
    out.writeBytes(value);
    return this;
  }

  /// Adds a string.
  ///
  /// @param number the field's number
  /// @param value the value
  /// @return this
  public ProtoWriter string(int number, String value) {
    return bytes(number, value.getBytes(StandardCharsets.UTF_8));
  }

  /// Adds a message.
  ///
  /// @param number the field's number
  /// @param value the message
  /// @return this
  public ProtoWriter message(int number, ProtoWriter value) {
    return bytes(number, value.toBytes());
  }

  /// The message so far.
  ///
  /// @return its bytes
  public byte[] toBytes() {
    return out.toByteArray();
  }
}
