package dev.quintet.core.cpu.work;

import java.lang.foreign.MemorySegment;

/// Opens a kernel's operands by address.
///
/// Only a segment made like this, as a local variable at its point of use, has a class that the compiler
/// knows: one passed in from elsewhere is 12 to 45 times slower once other code has used heap or
/// mapped segments. Bounds are checked against the size given, and nothing is allocated.
public final class Native {
  /// All memory, to cut slices from: never read itself. `MemorySegment.ofAddress(a).reinterpret(n)` does the same with
  /// more code, which the compiler leaves out of line in methods that run seldom but long; the class is then unknown
  /// after all.
  private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  static {
    // Heap segments are loaded before any kernel is compiled: as long as the JVM knows native
    // segments alone, compiled code counts on it, and the first heap segment would throw all
    // kernels back into the interpreter.
    MemorySegment.ofArray(new byte[1]);
    MemorySegment.ofArray(new int[1]);
    MemorySegment.ofArray(new float[1]);
    // And the calls below are counted some thousand times, so that no kernel is compiled while they
    // look rare
    // and stay calls.
    for (int i = 0; i < 5000; i++) {
      floats(64, 1);
      bytes(64, 1);
    }
  }

  private Native() {}

  /// The `count` float32 or int32 elements at an address.
  public static MemorySegment floats(long address, long count) {
    return MEMORY.asSlice(address, count << 2);
  }

  /// The `count` bytes at an address.
  public static MemorySegment bytes(long address, long count) {
    return MEMORY.asSlice(address, count);
  }

  /// The address of an element of float32 or int32.
  public static long at(long address, long element) {
    return address + (element << 2);
  }
}
