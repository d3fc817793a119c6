package dev.quintet.trainer.rows;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/// What a gzip file holds, its members one after another (RFC 1952).
///
/// `GZIPInputStream` passes over whatever follows the first member and is none, also a second one that is cut short.
final class GzipMembers extends InputStream {
  private static final int CHECKSUM = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;

  private final PushbackInputStream in;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 checksum = new CRC32();
  private final byte[] compressed = new byte[1 << 16];
  private final byte[] one = new byte[1];
  private int size;
  private boolean inside;
  private boolean ended;

  /// @param in is closed with this
  GzipMembers(InputStream in) {
    this.in = new PushbackInputStream(in, 1 << 16);
  }

  @Override
  public int read() throws IOException {
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    while (length > 0) {
      if (!inside && !header()) {
        return -1;
      }
      try {
        int count = inflater.inflate(into, offset, length);
        checksum.update(into, offset, count);
        if (inflater.finished()) {
          trailer();
        } else if (inflater.needsInput()) {
          refill();
        }
        if (count > 0) {
          return count;
        }
      } catch (DataFormatException e) {
        throw new ZipException("the gzip data is damaged: " + e.getMessage());
      }
      if (inflater.needsDictionary()) {
        throw new ZipException("the gzip data is damaged: it asks for a dictionary");
      }
    }
    return 0;
  }

  private void refill() throws IOException {
    size = in.read(compressed);
    if (size < 0) {
      throw cut();
    }
    inflater.setInput(compressed, 0, size);
  }

  private boolean header() throws IOException {
    int first = ended ? -1 : in.read();
    if (first < 0) {
      ended = true;
      return false;
    }
    if (first != 0x1f || byteOf() != 0x8b || byteOf() != 8) {
      throw new ZipException("something that is no gzip member begins here");
    }
    int flags = byteOf();
    for (int i = 0; i < 6; i++) {
      byteOf();
    }
    if ((flags & EXTRA) != 0) {
      for (int rest = byteOf() | byteOf() << 8; rest > 0; rest--) {
        byteOf();
      }
    }
    for (int text : new int[] {NAME, COMMENT}) {
      if ((flags & text) != 0) {
        while (byteOf() != 0) {
          // a name or comment ends at a zero
        }
      }
    }
    if ((flags & CHECKSUM) != 0) {
      byteOf();
      byteOf();
    }
    inflater.reset();
    checksum.reset();
    inside = true;
    return true;
  }

  private void trailer() throws IOException {
    int left = inflater.getRemaining();
    in.unread(compressed, size - left, left);
    long sum = number();
    long length = number();
    if (sum != checksum.getValue() || length != (inflater.getBytesWritten() & 0xFFFFFFFFL)) {
      throw new ZipException("the gzip data is damaged: its checksum does not fit");
    }
    inside = false;
  }

  private long number() throws IOException {
    return byteOf() | byteOf() << 8 | byteOf() << 16 | (long) byteOf() << 24;
  }

  private int byteOf() throws IOException {
    int value = in.read();
    if (value < 0) {
      throw cut();
    }
    return value;
  }

  private static EOFException cut() {
    return new EOFException("the gzip data is cut short");
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    in.close();
  }
}
