package dev.quintet.core.cpu;

import dev.quintet.core.backend.Memory;
import dev.quintet.core.backend.OutOfDeviceMemoryException;
import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/// Off-heap memory in blocks of size classes that are kept and reused, the one made first before others.
///
/// After the first step of a training nothing is asked of the operating system, so that there is no page fault.
/// Classes are an eighth of a power of two apart. Where the right class has no free block, one up to a
/// quarter larger is taken. Small blocks are cut from slabs, large ones stand alone and can be [trimmed][#trim].
final class CpuMemory implements Memory {
  private static final long SLAB = 4L << 20;
  private static final long LARGEST_IN_SLAB = 256L << 10;
  private static final int CLASSES = 64 * 8;

  /// Beyond any machine's address space, and far enough below 2^63 for every sum and class of sizes.
  private static final long LARGEST = 1L << 56;

  private final long limit;
  private final Optional<HugePages> hugePages = HugePages.find();
  private final List<PriorityQueue<Block>> free = new ArrayList<>();
  private final Map<Long, Block> byAddress = new HashMap<>();
  private long slab;
  private long slabLeft;
  private long held;
  private long inUse;
  private long peak;
  private long made;

  /// Memory that hands out at most `limit` bytes; with 0, what the system has.
  CpuMemory(long limit) {
    this.limit = limit;
    for (int i = 0; i < CLASSES; i++) {
      free.add(new PriorityQueue<>());
    }
  }

  @Override
  public synchronized long allocate(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("cannot allocate " + bytes + " bytes");
    }
    if (bytes > LARGEST) {
      throw outOfMemory(bytes, null);
    }
    int wanted = sizeClass(bytes);
    Block block = takeFree(wanted);
    if (block == null) {
      block = fresh(wanted, bytes);
    }
    block.used = true;
    inUse += block.bytes;
    peak = Math.max(peak, inUse);
    return block.address;
  }

  @Override
  public synchronized void release(long address, long bytes) {
    Block block = byAddress.get(address);
    if (block == null || !block.used || bytes > block.bytes) {
      throw new IllegalArgumentException(
          "release of "
              + bytes
              + " bytes at 0x"
              + Long.toHexString(address)
              + (block == null
                  ? ", which were not allocated here"
                  : block.used ? ", which has only " + block.bytes : ", which are free already"));
    }
    block.used = false;
    inUse -= block.bytes;
    free.get(block.sizeClass).add(block);
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

  @Override
  public synchronized long bytesInUse() {
    return inUse;
  }

  @Override
  public synchronized long peakBytes() {
    return peak;
  }

  @Override
  public synchronized void resetPeak() {
    peak = inUse;
  }

  @Override
  public synchronized void trim() {
    for (int c = sizeClass(LARGEST_IN_SLAB) + 1; c < CLASSES; c++) {
      for (Block block : free.get(c)) {
        byAddress.remove(block.address);
        held -= block.bytes;
        giveBack(block);
      }
      free.get(c).clear();
    }
  }

  /// Bytes held from the system, handed out or free.
  synchronized long bytesHeld() {
    return held;
  }

  /// The class of the smallest blocks that hold this many bytes: eight classes to a power of two, from 512 bytes on;
  /// multiples of 64 below.
  static int sizeClass(long bytes) {
    long units = Math.max(1, (bytes + 63) >>> 6);
    if (units <= 8) {
      return (int) units;
    }
    int log = 63 - Long.numberOfLeadingZeros(units - 1);
    return ((log - 2) << 3) + (int) ((units - 1) >>> (log - 3)) - 7;
  }

  /// The bytes of blocks of a class.
  static long classBytes(int sizeClass) {
    if (sizeClass <= 8) {
      return (long) sizeClass << 6;
    }
    int log = ((sizeClass - 1) >> 3) + 2;
    return (8L + ((sizeClass - 1) & 7) + 1) << (log - 3 + 6);
  }

  private @Nullable Block takeFree(int wanted) {
    // a quarter larger is two or three classes up; small blocks are cut exactly
    int last = classBytes(wanted) > LARGEST_IN_SLAB ? wanted + 2 : wanted;
    for (int c = wanted; c <= last; c++) {
      Block block = free.get(c).poll();
      if (block != null) {
        return block;
      }
    }
    return null;
  }

  private Block fresh(int sizeClass, long asked) {
    long bytes = classBytes(sizeClass);
    Block block;
    if (bytes <= LARGEST_IN_SLAB) {
      if (slabLeft < bytes) {
        slab = reserve(SLAB, asked).address;
        slabLeft = SLAB;
      }
      block = new Block(++made, slab, bytes, sizeClass, null);
      slab += bytes;
      slabLeft -= bytes;
    } else {
      Reserved got = reserve(bytes, asked);
      block = new Block(++made, got.address, bytes, sizeClass, got.arena);
    }
    byAddress.put(block.address, block);
    return block;
  }

  private Reserved reserve(long bytes, long asked) {
    if (limit > 0 && held + bytes > limit) {
      trim();
    }
    if (limit > 0 && held + bytes > limit) {
      throw outOfMemory(asked, null);
    }
    Reserved got = ask(bytes);
    if (got == null) {
      trim();
      got = ask(bytes);
    }
    if (got == null) {
      throw outOfMemory(asked, null);
    }
    held += bytes;
    return got;
  }

  private @Nullable Reserved ask(long bytes) {
    if (hugePages.isPresent() && bytes >= HugePages.SIZE) {
      long address = hugePages.get().allocate(wholePages(bytes));
      return address == 0 ? null : new Reserved(address, null);
    }
    Arena arena = Arena.ofShared();
    try {
      return new Reserved(arena.allocate(bytes, 64).address(), arena);
    } catch (OutOfMemoryError e) {
      arena.close();
      return null;
    }
  }

  private void giveBack(Block block) {
    if (block.arena != null) {
      block.arena.close();
    } else {
      hugePages.orElseThrow().free(block.address, wholePages(block.bytes));
    }
  }

  private OutOfDeviceMemoryException outOfMemory(long asked, @Nullable Throwable cause) {
    return new OutOfDeviceMemoryException(
        "no memory for "
            + asked
            + " bytes on the cpu: "
            + inUse
            + " bytes are in use"
            + (limit > 0 ? ", the limit (property quintet.memory) is " + limit : "")
            + "; use a smaller batch or shorter sequences");
  }

  private static long wholePages(long bytes) {
    return (bytes + HugePages.SIZE - 1) & -HugePages.SIZE;
  }

  /// Memory of the system; without an arena it was mapped.
  private record Reserved(long address, @Nullable Arena arena) {}

  /// Ordered by when they were made: what is handed out then depends on which blocks are free, and not on the order
  /// in which they became so, which a stack would turn round at every repetition.
  private static final class Block implements Comparable<Block> {
    final long number;
    final long address;
    final long bytes;
    final int sizeClass;
    final @Nullable Arena arena;
    boolean used;

    Block(long number, long address, long bytes, int sizeClass, @Nullable Arena arena) {
      this.number = number;
      this.address = address;
      this.bytes = bytes;
      this.sizeClass = sizeClass;
      this.arena = arena;
    }

    @Override
    public int compareTo(Block other) {
      return Long.compare(number, other.number);
    }
  }
}
