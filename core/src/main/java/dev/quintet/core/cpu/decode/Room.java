package dev.quintet.core.cpu.decode;

import dev.quintet.core.cpu.work.Native;

/// Cuts a plan's memory into pieces, or only counts what they take together.
final class Room {
  /// Elements of a cache line.
  private static final int LINE = 16;

  private final long address;
  private long taken;

  /// Memory from an address on; 0 counts only.
  Room(long address) {
    this.address = address;
  }

  /// The address of so many float32.
  long floats(long count) {
    long at = Native.at(address, taken);
    taken += (count + LINE - 1) / LINE * LINE;
    return at;
  }

  /// Elements that were taken.
  long taken() {
    return taken;
  }
}
