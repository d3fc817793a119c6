package dev.quintet.core.cpu;

import dev.quintet.core.backend.Pool;
import dev.quintet.core.backend.Slabs;
import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Off-heap memory, in huge pages where the system has them. Once it has been touched it is reused, so that there is no
/// page fault after the first step of a training.
final class CpuMemory extends Pool {

  /// Memory that hands out at most `limit` bytes; with 0, what the system has.
  CpuMemory(long limit) {
    super(new SystemMemory(HugePages.find(), new ConcurrentHashMap<>()), "cpu", limit);
  }

  @Override
  public Optional<MemorySegment> host(long address, long bytes) {
    return Optional.of(Native.bytes(address, bytes));
  }

  @Override
  public void write(MemorySegment source, long address, long bytes) {
    Native.bytes(address, bytes).copyFrom(source.asSlice(0, bytes));
  }

  @Override
  public void read(long address, MemorySegment target, long bytes) {
    target.asSlice(0, bytes).copyFrom(Native.bytes(address, bytes));
  }

  @Override
  public void copy(long source, long target, long bytes) {
    Native.bytes(target, bytes).copyFrom(Native.bytes(source, bytes));
  }

  @Override
  public void zero(long address, long bytes) {
    Native.bytes(address, bytes).fill((byte) 0);
  }

  /// @param arenas of what was not mapped, by address
  private record SystemMemory(Optional<HugePages> hugePages, Map<Long, Arena> arenas)
      implements Slabs {
    @Override
    public long reserve(long bytes) {
      if (hugePages.isPresent() && bytes >= HugePages.SIZE) {
        return hugePages.get().allocate(wholePages(bytes));
      }
      Arena arena = Arena.ofShared();
      try {
        long address = arena.allocate(bytes, 64).address();
        arenas.put(address, arena);
        return address;
      } catch (OutOfMemoryError e) {
        arena.close();
        return 0;
      }
    }

    @Override
    public void free(long address, long bytes) {
      Arena arena = arenas.remove(address);
      if (arena != null) {
        arena.close();
      } else {
        hugePages.orElseThrow().free(address, wholePages(bytes));
      }
    }

    private static long wholePages(long bytes) {
      return (bytes + HugePages.SIZE - 1) & -HugePages.SIZE;
    }
  }
}
