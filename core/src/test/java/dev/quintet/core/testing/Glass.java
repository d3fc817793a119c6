package dev.quintet.core.testing;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Memory;
import dev.quintet.core.backend.Queue;
import dev.quintet.core.cpu.CpuProvider;
import dev.quintet.core.instrument.Instrument;
import dev.quintet.core.shape.Device;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/// A device that computes as the processor does, and into whose memory the host cannot look: who follows an address
/// there crashes, and who hands an address of the host to a kernel is told.
public class Glass extends Instrument {
  private static final long LARGEST_TABLE = 1 << 20;

  final Tags tags = new Tags();
  private final Memory store = new CpuProvider().open(0).memory();
  private final Memory memory = new Window();

  Glass(Device device) {
    super(device);
  }

  /// Opens a device of its own.
  public static Glass open() {
    var glass = new Glass(unused());
    glass.register();
    return glass;
  }

  @Override
  protected final Memory memory() {
    return memory;
  }

  @Override
  protected Queue queue() {
    return Backend.IMMEDIATE;
  }

  @Override
  protected final @Nullable Object kernel(Object family, Method method, Object[] arguments)
      throws Throwable {
    Object[] plain = tags.untagged(method, arguments);
    if (method.getReturnType() != void.class) {
      return invoke(family, method, plain);
    }
    call(() -> {
      try {
        invoke(family, method, plain);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    });
    return null;
  }

  /// Takes a command.
  void call(Runnable command) {
    command.run();
  }

  /// Runs what was taken and has not run.
  void finish() {}

  /// What was free, and may hold anything.
  void spoil(MemorySegment block) {}

  private final class Window implements Memory {
    @Override
    public long allocate(long bytes) {
      return fresh(store.allocate(bytes), bytes);
    }

    @Override
    public long allocateLasting(long bytes) {
      return fresh(store.allocateLasting(bytes), bytes);
    }

    private long fresh(long address, long bytes) {
      spoil(store.host(address, bytes).orElseThrow());
      return tags.tag(address, bytes);
    }

    @Override
    public void release(long address, long bytes) {
      long plain = tags.untag(address);
      spoil(store.host(plain, bytes).orElseThrow());
      store.release(plain, bytes);
    }

    @Override
    public void write(MemorySegment source, long address, long bytes) {
      long plain = tags.untag(address);
      MemorySegment copy = MemorySegment.ofArray(new long[Math.toIntExact((bytes + 7) / 8)]);
      copy.copyFrom(source.asSlice(0, bytes));
      for (long at = 0; bytes <= LARGEST_TABLE && at + 8 <= bytes; at += 8) {
        long value = copy.get(ValueLayout.JAVA_LONG, at);
        if (tags.tagged(value)) {
          copy.set(ValueLayout.JAVA_LONG, at, tags.untag(value)); // in a table of addresses
        }
      }
      call(() -> store.write(copy, plain, bytes));
    }

    @Override
    public void read(long address, MemorySegment target, long bytes) {
      long plain = tags.untag(address);
      finish();
      store.read(plain, target, bytes);
    }

    @Override
    public Later readLater(long address, long bytes) {
      long plain = tags.untag(address);
      MemorySegment copy =
          MemorySegment.ofArray(new long[Math.toIntExact((bytes + 7) / 8)]).asSlice(0, bytes);
      boolean[] done = new boolean[1];
      call(() -> {
        store.read(plain, copy, bytes);
        done[0] = true;
      });
      return new Later() {
        @Override
        public boolean done() {
          return done[0];
        }

        @Override
        public MemorySegment get() {
          finish();
          return copy;
        }
      };
    }

    @Override
    public void copy(long source, long target, long bytes) {
      long from = tags.untag(source);
      long to = tags.untag(target);
      call(() -> store.copy(from, to, bytes));
    }

    @Override
    public void zero(long address, long bytes) {
      long plain = tags.untag(address);
      call(() -> store.zero(plain, bytes));
    }

    @Override
    public long bytesInUse() {
      return store.bytesInUse();
    }

    @Override
    public long peakBytes() {
      return store.peakBytes();
    }

    @Override
    public void resetPeak() {
      store.resetPeak();
    }

    @Override
    public void trim() {
      finish();
      store.trim();
    }
  }
}
