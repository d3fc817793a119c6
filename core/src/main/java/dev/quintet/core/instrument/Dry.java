package dev.quintet.core.instrument;

import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.Memory;
import dev.quintet.core.backend.Pool;
import dev.quintet.core.backend.Queue;
import dev.quintet.core.backend.Slabs;
import dev.quintet.core.shape.Device;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A device that computes nothing and counts what is asked of it; what is read there is 0.
///
/// It has all the memory that there is, so that a step of any model can be walked in a moment.
public final class Dry extends Instrument {
  private final Count count = new Count();
  private final Map<String, long[]> calls = new TreeMap<>();
  private final List<Cost> costs = new ArrayList<>();
  private Runnable onPeak = () -> {};
  private final TreeSet<String> unknown = new TreeSet<>();
  private final Queue queue =
      new Queue() {
        @Override
        public void synchronize() {
          count.waits++;
        }
      };

  private Dry(Device device) {
    super(device);
  }

  /// Opens a device of its own.
  public static Dry open() {
    var dry = new Dry(unused());
    dry.register();
    return dry;
  }

  /// Forgets the device, which nothing lies on any more.
  public void forget() {
    Backends.unregister(backend());
  }

  /// Has somebody look whenever more is handed out than ever since [#reset]; the block that it is for is not in use yet.
  public void onPeak(Runnable look) {
    onPeak = look;
  }

  /// What was asked for since [#reset].
  ///
  /// @param commands calls of kernels and of memory; one that a device makes several of counts as those
  /// @param waits reads for which the host waits
  /// @param uploads writes from the host
  /// @param bytes moved within the device, each operand of a command once
  /// @param peak the most bytes handed out at one time
  /// @param addresses of blocks, in the order in which they were handed out
  /// @param calls commands and bytes by family and method
  /// @param costs of each call, or of each kind of command that a device makes of it, in the order of the calls
  /// @param unknown the methods whose bytes nobody has told yet: they are missing
  public record Counts(
      long commands,
      long waits,
      long uploads,
      long bytes,
      long peak,
      List<Long> addresses,
      Map<String, long[]> calls,
      List<Cost> costs,
      TreeSet<String> unknown) {}

  /// What was asked for so far.
  public synchronized Counts counts() {
    return new Counts(
        calls.values().stream().mapToLong(c -> c[0]).sum(),
        count.waits,
        count.uploads,
        calls.values().stream().mapToLong(c -> c[1]).sum(),
        count.peakBytes(),
        List.copyOf(count.addresses),
        new TreeMap<>(calls),
        List.copyOf(costs),
        new TreeSet<>(unknown));
  }

  /// Begins to count anew.
  public synchronized void reset() {
    calls.clear();
    costs.clear();
    unknown.clear();
    count.waits = 0;
    count.uploads = 0;
    count.addresses.clear();
    count.resetPeak();
  }

  private synchronized void note(String call, Cost cost) {
    long[] sums = calls.computeIfAbsent(call, _ -> new long[2]);
    sums[0] += cost.commands();
    sums[1] += cost.bytes();
    costs.add(cost);
  }

  private void note(String call, Work work, long bytes) {
    note(call, new Cost(work, 1, 0, bytes));
  }

  @Override
  protected Memory memory() {
    return count;
  }

  @Override
  protected Queue queue() {
    return queue;
  }

  @Override
  protected @Nullable Object kernel(Object family, Method method, Object[] arguments)
      throws Throwable {
    if (method.getReturnType() != void.class) {
      return invoke(family, method, arguments);
    }
    String call = method.getDeclaringClass().getSimpleName() + "." + method.getName();
    List<Cost> known = Traffic.of(call, arguments);
    if (known.isEmpty()) {
      unknown.add(call);
      note(call, Work.of(call), 0);
    }
    known.forEach(cost -> note(call, cost));
    long borrowed = Traffic.borrows(call, arguments);
    if (borrowed > 0) {
      count.release(count.allocateLasting(borrowed), borrowed);
    }
    return null;
  }

  private final class Count extends Pool {
    private final List<Long> addresses = new ArrayList<>();
    private long waits;
    private long uploads;

    Count() {
      super(new NoMemory(), "dry device", 0);
    }

    @Override
    public synchronized long allocate(long bytes) {
      long address = super.allocate(bytes);
      addresses.add(address);
      return address;
    }

    @Override
    protected void taken(long address, long bytes) {
      if (bytesInUse() == peakBytes()) {
        onPeak.run();
      }
    }

    @Override
    public void write(MemorySegment source, long address, long bytes) {
      uploads++;
      note("Memory.write", Work.TRANSFER, bytes);
    }

    @Override
    public void read(long address, MemorySegment target, long bytes) {
      waits++;
      note("Memory.read", Work.TRANSFER, bytes);
      target.asSlice(0, bytes).fill((byte) 0);
    }

    @Override
    public Later readLater(long address, long bytes) {
      note("Memory.readLater", Work.TRANSFER, bytes);
      MemorySegment zeros = MemorySegment.ofArray(new long[(int) ((bytes + 7) / 8)]);
      return () -> zeros.asSlice(0, bytes);
    }

    @Override
    public void copy(long source, long target, long bytes) {
      note("Memory.copy", Work.COPY, 2 * bytes);
    }

    @Override
    public void zero(long address, long bytes) {
      note("Memory.zero", Work.COPY, bytes);
    }
  }

  /// Addresses, one behind the other, that nobody can follow.
  private static final class NoMemory implements Slabs {
    private long next = (0x5AL << 48) + (1 << 20);

    @Override
    public long reserve(long bytes) {
      long address = next;
      next += (bytes + 4095) & -4096;
      return address;
    }

    @Override
    public void free(long address, long bytes) {}
  }
}
