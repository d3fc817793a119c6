package dev.quintet.core.backend;

/// Where a [Pool] gets its memory from: the operating system or a device's driver.
public interface Slabs {

  /// Memory whose address is a multiple of 64; 0 where there is not that much.
  ///
  /// @param bytes a multiple of 64
  long reserve(long bytes);

  /// Gives back what was reserved.
  ///
  /// @param address what [#reserve] returned
  /// @param bytes what it was asked for
  void free(long address, long bytes);
}
