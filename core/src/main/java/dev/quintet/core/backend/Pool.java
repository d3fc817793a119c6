package dev.quintet.core.backend;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The part of a device's memory that hands out blocks: it keeps what comes back and cuts new blocks from it.
///
/// A sequence of calls gets the same addresses again, whatever ran in between, as soon as that has given back what it
/// took. Small blocks are of size classes an eighth of a power of two apart, and of a class the one made first goes
/// first. A large block is cut from the first chunk with room, where it leaves least, and grows together with its free
/// neighbours when it comes back: so free memory looks the same however it became free, and batches of ever other
/// lengths take no more than the longest. After the first steps of a training nothing is asked of the system.
///
/// Blocks that last lie in a region of their own. They come and go with models, and with the garbage collector,
/// and must not move those of a step. So do blocks of work that is taken down to be repeated.
public abstract class Pool implements Memory {
  private static final long SLAB = 4L << 20;
  private static final long CHUNK = 32L << 20;
  private static final long LARGEST_IN_SLAB = 64L << 10;

  /// Owners that the message names.
  private static final int NAMED = 10;

  /// Beyond any machine's address space, and far enough below 2^63 for every sum of sizes.
  private static final long LARGEST = 1L << 56;

  private final Slabs slabs;
  private final String device;
  private final long limit;
  private final Map<Long, Block> used = new HashMap<>();
  private final Region passing = new Region("smaller tensors");
  private final Region lasting = new Region("parameters");
  private final Region repeated = new Region("smaller tensors of replays");
  private final Makers makers = new Makers();
  private long held;
  private long inUse;
  private long peak;

  /// A pool that holds at most `limit` bytes; with 0, what the slabs have.
  ///
  /// @param device what to call it in messages
  protected Pool(Slabs slabs, String device, long limit) {
    this.slabs = slabs;
    this.device = device;
    this.limit = limit;
  }

  @Override
  public synchronized long allocate(long bytes) {
    return take(passing, bytes);
  }

  @Override
  public synchronized long allocateLasting(long bytes) {
    return take(lasting, bytes);
  }

  /// Like [#allocate], of a block that belongs to work which a device takes down to repeat it: nobody else gets its
  /// place, so that a repetition finds there what it left. What repeats does so in one order, and shares the region.
  protected final synchronized long allocateRepeated(long bytes) {
    return take(repeated, bytes);
  }

  private long take(Region region, long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("cannot allocate " + bytes + " bytes");
    }
    if (bytes > LARGEST) {
      throw outOfMemory(bytes);
    }
    Block block = bytes <= LARGEST_IN_SLAB ? region.small(bytes) : region.large(bytes);
    used.put(block.address, block);
    if (region != lasting) {
      makers.add(block.address, block.bytes);
    }
    inUse += block.bytes;
    peak = Math.max(peak, inUse);
    taken(block.address, bytes);
    return block.address;
  }

  @Override
  public synchronized void release(long address, long bytes) {
    Block block = used.get(address);
    if (block == null || bytes > block.bytes) {
      throw new IllegalArgumentException(
          "release of "
              + bytes
              + " bytes at 0x"
              + Long.toHexString(address)
              + (block == null
                  ? ", where no block begins that is in use: was it released already?"
                  : ", which has only " + block.bytes));
    }
    used.remove(address);
    makers.remove(address, block.bytes);
    inUse -= block.bytes;
    block.home.add(block);
    released(address, bytes);
  }

  /// Hears of a block that is handed out.
  ///
  /// @param bytes what was asked for
  protected void taken(long address, long bytes) {}

  /// Hears of a block that has come back.
  ///
  /// @param bytes what was asked for
  protected void released(long address, long bytes) {}

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
    passing.trim();
    lasting.trim();
  }

  /// Returns memory of the work that repeats, which must be over.
  protected final synchronized void trimRepeated() {
    repeated.trim();
  }

  /// Bytes held from the slabs, handed out or free.
  public synchronized long bytesHeld() {
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

  /// Memory for blocks of `bytes` bytes; a little more than the last time, where there is room for that.
  private Chunk reserve(String owner, long wanted, long bytes) {
    for (boolean trimmed = false; ; trimmed = true) {
      long room = limit > 0 ? limit - held : Long.MAX_VALUE;
      for (long size : new long[] {Math.min(wanted, room & -64), bytes}) {
        long address = size < bytes || size > room ? 0 : slabs.reserve(size);
        if (address != 0) {
          held += size;
          return new Chunk(address, size, owner);
        }
      }
      if (trimmed) {
        throw outOfMemory(bytes);
      }
      trim();
    }
  }

  private OutOfDeviceMemoryException outOfMemory(long asked) {
    return new OutOfDeviceMemoryException(
        "no memory for "
            + asked
            + " bytes on the "
            + device
            + ": "
            + inUse
            + " bytes are in use"
            + largest()
            + (limit > 0 ? ", the limit (property quintet.memory) is " + limit : "")
            + "; use a smaller batch or shorter sequences");
  }

  /// Who has most, as a part of the message.
  private String largest() {
    var totals = new TreeMap<String, long[]>();
    for (Block block : used.values()) {
      String name = makers.of(block.address, block.home.owner());
      long[] total = totals.computeIfAbsent(name, _ -> new long[2]);
      total[0] += block.bytes;
      total[1]++;
    }
    return totals.entrySet().stream()
        .sorted(Comparator.comparingLong(entry -> -entry.getValue()[0]))
        .limit(NAMED)
        .map(entry ->
            "%s %d in %d".formatted(entry.getKey(), entry.getValue()[0], entry.getValue()[1]))
        .collect(Collectors.joining(", ", " (bytes in blocks: ", ")"));
  }

  /// Blocks of one lifetime.
  private final class Region {
    private final String owner;
    private final Map<Integer, Drawer> drawers = new HashMap<>();
    private final List<Chunk> chunks = new ArrayList<>();
    private long slab;
    private long slabLeft;
    private long chunked;

    /// @param owner what to call those who have its blocks
    Region(String owner) {
      this.owner = owner;
    }

    Block small(long bytes) {
      int sizeClass = sizeClass(bytes);
      Drawer drawer = drawers.computeIfAbsent(sizeClass, _ -> new Drawer(owner));
      Block block = drawer.free.poll();
      if (block == null) {
        long size = classBytes(sizeClass);
        if (slabLeft < size) {
          slab = reserve(owner, SLAB, SLAB).address;
          slabLeft = SLAB;
        }
        block = new Block(++drawer.made, slab, size, drawer);
        slab += size;
        slabLeft -= size;
      }
      return block;
    }

    Block large(long bytes) {
      long size = (bytes + 63) & -64;
      for (Chunk chunk : chunks) {
        Block block = chunk.cut(size);
        if (block != null) {
          return block;
        }
      }
      if (this != lasting) {
        lasting.trim();
      }
      long wanted = Math.max(size, Math.max(CHUNK, (chunked >> 3) & -64));
      Chunk chunk = reserve(owner, wanted, size);
      chunks.add(chunk);
      chunked += chunk.bytes;
      return Objects.requireNonNull(chunk.cut(size));
    }

    void trim() {
      for (Chunk chunk : List.copyOf(chunks)) {
        if (chunk.isFree()) {
          chunks.remove(chunk); // first: who fails to give it back has lost it
          held -= chunk.bytes;
          chunked -= chunk.bytes;
          slabs.free(chunk.address, chunk.bytes);
        }
      }
    }
  }

  /// A block; blocks of a class are ordered by when they were made: what is handed out then depends on which are free,
  /// and not on the order in which they became so.
  private record Block(long number, long address, long bytes, Home home)
      implements Comparable<Block> {
    @Override
    public int compareTo(Block other) {
      return Long.compare(number, other.number);
    }
  }

  /// Where a block goes back to.
  private sealed interface Home {
    void add(Block block);

    /// What to call who has a block from here.
    String owner();
  }

  /// Small blocks of one class.
  private static final class Drawer implements Home {
    final PriorityQueue<Block> free = new PriorityQueue<>();
    private final String owner;
    long made;

    Drawer(String owner) {
      this.owner = owner;
    }

    @Override
    public String owner() {
      return owner;
    }

    @Override
    public void add(Block block) {
      free.add(block);
    }
  }

  /// A stretch of memory from which large blocks are cut.
  private static final class Chunk implements Home {
    final long address;
    final long bytes;
    private final String owner;
    private final TreeMap<Long, Span> byAddress = new TreeMap<>();
    private final TreeSet<Span> bySize = new TreeSet<>();

    Chunk(long address, long bytes, String owner) {
      this.address = address;
      this.bytes = bytes;
      this.owner = owner;
      free(new Span(address, bytes));
    }

    /// A block from the smallest free span that has room, the first of equals.
    @Nullable Block cut(long size) {
      Span span = bySize.ceiling(new Span(0, size));
      if (span == null) {
        return null;
      }
      take(span);
      if (span.bytes > size) {
        free(new Span(span.address + size, span.bytes - size));
      }
      return new Block(0, span.address, size, this);
    }

    @Override
    public void add(Block block) {
      long from = block.address;
      long to = from + block.bytes;
      Map.Entry<Long, Span> before = byAddress.lowerEntry(from);
      if (before != null && before.getValue().end() == from) {
        from = before.getKey();
        take(before.getValue());
      }
      Span behind = byAddress.get(to);
      if (behind != null) {
        to = behind.end();
        take(behind);
      }
      free(new Span(from, to - from));
    }

    @Override
    public String owner() {
      return owner;
    }

    boolean isFree() {
      return !bySize.isEmpty() && bySize.first().bytes == bytes;
    }

    private void take(Span span) {
      byAddress.remove(span.address);
      bySize.remove(span);
    }

    private void free(Span span) {
      byAddress.put(span.address, span);
      bySize.add(span);
    }
  }

  private record Span(long address, long bytes) implements Comparable<Span> {
    long end() {
      return address + bytes;
    }

    @Override
    public int compareTo(Span other) {
      int bySize = Long.compare(bytes, other.bytes);
      return bySize != 0 ? bySize : Long.compare(address, other.address);
    }
  }
}
