package dev.quintet.kernels.driver;

import dev.quintet.core.backend.Pool;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/// A device's memory. Blocks are taken and given back in the order of the device's one queue, so memory that kernels
/// still read may be handed out at once: who gets it writes later.
final class CudaMemory extends Pool {
  private final CudaQueue queue;
  private final PinnedRing ring;
  private final @Nullable Watcher watcher;

  CudaMemory(DeviceSlabs slabs, String device, CudaQueue queue, @Nullable Watcher watcher) {
    super(slabs, device, 0);
    this.watcher = watcher;
    this.queue = queue;
    this.ring = new PinnedRing(queue.health());
  }

  @Override
  public long allocate(long bytes) {
    queue.hold();
    try {
      return queue.taking() ? allocateRepeated(bytes) : super.allocate(bytes);
    } finally {
      queue.end();
    }
  }

  @Override
  public long allocateLasting(long bytes) {
    queue.hold();
    try {
      return super.allocateLasting(bytes);
    } finally {
      queue.end();
    }
  }

  @Override
  public void release(long address, long bytes) {
    queue.hold();
    try {
      super.release(address, bytes);
    } finally {
      queue.end();
    }
  }

  /// Work that was taken down keeps the memory that it was taken down with.
  @Override
  public void trim() {
    queue.hold();
    try {
      super.trim();
      if (!queue.replaying() && !queue.taking()) {
        trimRepeated();
      }
    } finally {
      queue.end();
    }
  }

  @Override
  protected void taken(long address, long bytes) {
    if (watcher != null) {
      watcher.taken(address, bytes);
    }
  }

  @Override
  protected void released(long address, long bytes) {
    if (watcher != null) {
      watcher.released(address, bytes);
    }
  }

  @Override
  public void write(MemorySegment source, long address, long bytes) {
    CUstream stream = queue.beginAlone("write " + bytes + " bytes");
    try {
      for (long at = 0; at < bytes; at += PinnedRing.PIECE) {
        long size = Math.min(PinnedRing.PIECE, bytes - at);
        ring.write(stream, source.asSlice(at, size), address + at);
      }
    } finally {
      queue.end();
    }
  }

  @Override
  public void read(long address, MemorySegment target, long bytes) {
    CUstream stream = queue.beginAlone("read " + bytes + " bytes");
    try {
      begin(stream, address, target, bytes).forEach(ring::finish);
      queue.lookForFaults();
    } finally {
      queue.end();
    }
  }

  @Override
  public Later readLater(long address, long bytes) {
    var copy = MemorySegment.ofArray(new long[Math.toIntExact((bytes + 7) / 8)]).asSlice(0, bytes);
    CUstream stream = queue.beginAlone("read " + bytes + " bytes");
    try {
      return new Arriving(copy, begin(stream, address, copy, bytes));
    } finally {
      queue.end();
    }
  }

  private List<PinnedRing.Part> begin(
      CUstream stream, long address, MemorySegment target, long bytes) {
    var parts = new ArrayList<PinnedRing.Part>(1);
    for (long at = 0; at < bytes; at += PinnedRing.PIECE) {
      long size = Math.min(PinnedRing.PIECE, bytes - at);
      parts.add(ring.read(stream, address + at, target.asSlice(at, size)));
    }
    return parts;
  }

  @Override
  public void copy(long source, long target, long bytes) {
    if (bytes == 0) {
      return;
    }
    CUstream stream = queue.begin();
    try {
      queue
          .health()
          .check(
              JCudaDriver.cuMemcpyDtoDAsync(
                  Address.device(target), Address.device(source), bytes, stream),
              "cuMemcpyDtoDAsync of %d bytes from 0x%x to 0x%x".formatted(bytes, source, target));
    } finally {
      queue.end();
    }
  }

  @Override
  public void zero(long address, long bytes) {
    if (bytes == 0) {
      return;
    }
    CUstream stream = queue.begin();
    try {
      queue
          .health()
          .check(
              JCudaDriver.cuMemsetD8Async(Address.device(address), (byte) 0, bytes, stream),
              "cuMemsetD8Async of %d bytes at 0x%x".formatted(bytes, address));
    } finally {
      queue.end();
    }
  }

  /// What was asked to be read.
  private final class Arriving implements Later {
    private final MemorySegment copy;
    private final List<PinnedRing.Part> parts;

    Arriving(MemorySegment copy, List<PinnedRing.Part> parts) {
      this.copy = copy;
      this.parts = parts;
    }

    @Override
    public boolean done() {
      queue.beginAlone("ask for what was read");
      try {
        return parts.isEmpty() || ring.finished(parts.getLast());
      } finally {
        queue.end();
      }
    }

    @Override
    public MemorySegment get() {
      queue.beginAlone("wait for what was read");
      try {
        parts.forEach(ring::finish);
        queue.lookForFaults();
        return copy;
      } finally {
        queue.end();
      }
    }
  }
}
