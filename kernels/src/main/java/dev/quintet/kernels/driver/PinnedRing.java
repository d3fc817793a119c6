package dev.quintet.kernels.driver;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/// Host memory that the device copies from and to while the host goes on: a ring whose parts are used one after another,
/// each with an event behind its copy. For the holder of the queue's lock.
final class PinnedRing {
  /// The most that is copied in one piece.
  static final long PIECE = 1L << 20;

  private static final long BYTES = 4 * PIECE;
  private static final int PORTABLE_AND_MAPPED =
      JCudaDriver.CU_MEMHOSTALLOC_PORTABLE | JCudaDriver.CU_MEMHOSTALLOC_DEVICEMAP;

  private final Health health;
  private final MemorySegment memory;
  private final ArrayDeque<Part> inFlight = new ArrayDeque<>();
  private final ArrayDeque<CUevent> events = new ArrayDeque<>();
  private long head;

  PinnedRing(Health health) {
    this.health = health;
    this.memory = pinned(BYTES, health);
  }

  /// Host memory that stays in its place, and that the device reaches under the same address.
  static MemorySegment pinned(long bytes, Health health) {
    var pointer = new Address.Filled();
    health.check(
        JCudaDriver.cuMemHostAlloc(pointer, bytes, PORTABLE_AND_MAPPED),
        "cuMemHostAlloc of " + bytes + " bytes");
    return MemorySegment.ofAddress(pointer.address()).reinterpret(bytes);
  }

  /// Begins a copy to the device, of at most [#PIECE] bytes.
  void write(CUstream stream, MemorySegment source, long address) {
    long bytes = source.byteSize();
    long begin = room(bytes);
    MemorySegment part = part(begin, bytes).copyFrom(source);
    health.check(
        JCudaDriver.cuMemcpyHtoDAsync(
            Address.device(address), Address.host(part.address()), bytes, stream),
        "cuMemcpyHtoDAsync of %d bytes to 0x%x".formatted(bytes, address));
    add(stream, begin, bytes, MemorySegment.NULL);
  }

  /// Begins a copy to the host, of at most [#PIECE] bytes. The target is filled once [#finish] or a later copy has waited.
  Part read(CUstream stream, long address, MemorySegment target) {
    long bytes = target.byteSize();
    long begin = room(bytes);
    health.check(
        JCudaDriver.cuMemcpyDtoHAsync(
            Address.host(part(begin, bytes).address()), Address.device(address), bytes, stream),
        "cuMemcpyDtoHAsync of %d bytes from 0x%x".formatted(bytes, address));
    return add(stream, begin, bytes, target);
  }

  /// Waits until a copy has ended, and all before it.
  void finish(Part part) {
    while (!part.done) {
      retire();
    }
  }

  /// Whether a copy has ended; then its target is filled.
  boolean finished(Part part) {
    if (!part.done) {
      int result = JCudaDriver.cuEventQuery(part.event);
      if (result == CUresult.CUDA_ERROR_NOT_READY) {
        return false;
      }
      health.check(result, "cuEventQuery");
      finish(part);
    }
    return true;
  }

  private MemorySegment part(long begin, long bytes) {
    return memory.asSlice(begin % BYTES, bytes);
  }

  /// Where the next part begins, counted from the first; waits for the oldest copies if the ring is full.
  private long room(long bytes) {
    long size = (bytes + 63) & -64;
    long place = head % BYTES;
    long begin = place + size > BYTES ? head - place + BYTES : head;
    while (!inFlight.isEmpty() && begin + size - inFlight.getFirst().begin > BYTES) {
      retire();
    }
    head = begin + size;
    return begin;
  }

  private Part add(CUstream stream, long begin, long bytes, MemorySegment target) {
    CUevent event = events.poll();
    if (event == null) {
      event = new CUevent();
      health.check(
          JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DISABLE_TIMING), "cuEventCreate");
    }
    health.check(JCudaDriver.cuEventRecord(event, stream), "cuEventRecord");
    var part = new Part(begin, bytes, event, target, health.launches());
    inFlight.add(part);
    return part;
  }

  /// Waits for the oldest copy and ends it.
  private void retire() {
    Part oldest = inFlight.getFirst();
    int result = JCudaDriver.cuEventQuery(oldest.event);
    if (result == CUresult.CUDA_ERROR_NOT_READY) {
      health.check(JCudaDriver.cuEventSynchronize(oldest.event), "cuEventSynchronize");
    } else {
      health.check(result, "cuEventQuery");
    }
    health.ended(oldest.launches);
    inFlight.removeFirst();
    events.add(oldest.event);
    if (!oldest.target.equals(MemorySegment.NULL)) {
      oldest.target.copyFrom(part(oldest.begin, oldest.bytes));
    }
    oldest.done = true;
  }

  /// A copy under way.
  static final class Part {
    private final long begin;
    private final long bytes;
    private final CUevent event;
    private final MemorySegment target;
    private final long launches;
    private boolean done;

    private Part(long begin, long bytes, CUevent event, MemorySegment target, long launches) {
      this.begin = begin;
      this.bytes = bytes;
      this.event = event;
      this.target = target;
      this.launches = launches;
    }
  }
}
