package dev.quintet.core.cpu;

import java.lang.foreign.MemorySegment;

/// Opens a kernel's operands by address.
///
/// Only a segment made like this, as a local variable at its point of use, has a class that the compiler
/// knows: one passed in from elsewhere is 12 to 45 times slower once other code has used heap or
/// mapped segments. Bounds are checked against the size given, and nothing is allocated.
final class Native {
  static {
    // Heap segments are loaded before any kernel is compiled: as long as the JVM knows native
    // segments alone,
    // compiled code counts on it, and the first heap segment would throw all kernels back into the
    // interpreter.
    MemorySegment.ofArray(new byte[1]);
    MemorySegment.ofArray(new int[1]);
    MemorySegment.ofArray(new float[1]);
  }

  private Native() {}

  /// The `count` float32 or int32 elements at an address.
  static MemorySegment floats(long address, long count) {
    return MemorySegment.ofAddress(address).reinterpret(count << 2);
  }

  /// The `count` bytes at an address.
  static MemorySegment bytes(long address, long count) {
    return MemorySegment.ofAddress(address).reinterpret(count);
  }

  /// The address of an element of float32 or int32.
  static long at(long address, long element) {
    return address + (element << 2);
  }
}
