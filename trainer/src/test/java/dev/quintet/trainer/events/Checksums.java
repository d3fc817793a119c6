package dev.quintet.trainer.events;

import java.util.zip.CRC32C;

/// The checksums of records, for judges.
public final class Checksums {
  private Checksums() {}

  /// CRC32C.
  public static long plain(byte[] data) {
    var crc = new CRC32C();
    crc.update(data, 0, data.length);
    return crc.getValue();
  }

  /// As records have it.
  public static long masked(byte[] data) {
    return Integer.toUnsignedLong(Event.maskedChecksum(data));
  }
}
