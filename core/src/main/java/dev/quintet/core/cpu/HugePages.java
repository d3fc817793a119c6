package dev.quintet.core.cpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// Anonymous memory from Linux with transparent huge pages: 32 MiB touched for the first time cost 3.7 ms
/// instead of 13 to 17.
final class HugePages {
  /// The size of a huge page.
  static final long SIZE = 2L << 20;

  private static final int READ_WRITE = 0x3;
  private static final int PRIVATE_ANONYMOUS = 0x22;
  private static final int HUGE_PAGE_ADVICE = 14;

  private final MethodHandle map;
  private final MethodHandle unmap;
  private final MethodHandle advise;

  private HugePages(MethodHandle map, MethodHandle unmap, MethodHandle advise) {
    this.map = map;
    this.unmap = unmap;
    this.advise = advise;
  }

  /// The functions of this system, or empty where there are none.
  static Optional<HugePages> find() {
    if (!System.getProperty("os.name", "").startsWith("Linux")) {
      return Optional.empty();
    }
    try {
      Linker linker = Linker.nativeLinker();
      var names = linker.defaultLookup();
      return Optional.of(
          new HugePages(
              linker.downcallHandle(
                  names.findOrThrow("mmap"),
                  FunctionDescriptor.of(
                      ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG)),
              linker.downcallHandle(
                  names.findOrThrow("munmap"), FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG)),
              linker.downcallHandle(
                  names.findOrThrow("madvise"),
                  FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT))));
    } catch (RuntimeException | UnsatisfiedLinkError e) {
      return Optional.empty();
    }
  }

  /// Maps `bytes` bytes, a multiple of [#SIZE], at a multiple of it; 0 if there is no memory.
  long allocate(long bytes) {
    try {
      MemorySegment got =
          (MemorySegment)
              map.invokeExact(
                  MemorySegment.NULL, bytes + SIZE, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
      long start = got.address();
      if (start == -1) {
        return 0;
      }
      long aligned = (start + SIZE - 1) & -SIZE;
      if (aligned > start) {
        free(start, aligned - start);
      }
      long rest = start + SIZE - aligned;
      if (rest > 0) {
        free(aligned + bytes, rest);
      }
      // advice may fail where huge pages are switched off; the memory is as good
      int unused =
          (int) advise.invokeExact(MemorySegment.ofAddress(aligned), bytes, HUGE_PAGE_ADVICE);
      return aligned;
    } catch (Throwable e) {
      throw new IllegalStateException("mmap could not be called", e);
    }
  }

  /// Unmaps what [#allocate] mapped.
  void free(long address, long bytes) {
    try {
      int failed = (int) unmap.invokeExact(MemorySegment.ofAddress(address), bytes);
      if (failed != 0) {
        throw new IllegalStateException("munmap of " + bytes + " bytes at " + address + " failed");
      }
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("munmap could not be called", e);
    }
  }
}
