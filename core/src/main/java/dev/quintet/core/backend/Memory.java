package dev.quintet.core.backend;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// A device's memory: blocks aligned to 64 bytes that are handed out from a [Pool] and reused.
///
/// The order of blocks handed out depends on the order of calls alone, so that a repeated sequence
/// of allocations and releases gets the same addresses again, whatever shapes ran in between. Thread-safe.
///
/// Copies, and releases too, stand in the order of the calling thread's [Queue]: a block that is released while kernels
/// that were called before still read it is handed out to kernels that are called later.
public interface Memory {

  /// A block of at least `bytes` bytes with undefined contents; its address is a multiple of 64.
  /// An allocation of 0 bytes returns a valid block too.
  ///
  /// @throws OutOfDeviceMemoryException if there is not enough
  long allocate(long bytes);

  /// Like [#allocate], of a block that outlives steps, such as a parameter's: wherever it comes from and whenever it
  /// goes, other blocks keep the addresses that they would have had.
  ///
  /// @throws OutOfDeviceMemoryException if there is not enough
  default long allocateLasting(long bytes) {
    return allocate(bytes);
  }

  /// Gives a block back; `bytes` is what was asked for.
  void release(long address, long bytes);

  /// Memory at an address as the host sees it; empty where device and host have each their own. Where it is
  /// there, kernels take addresses of other host memory too, such as of a mapped file.
  default Optional<MemorySegment> host(long address, long bytes) {
    return Optional.empty();
  }

  /// Copies from the host to the device, after all kernels called so far. The source may be changed as soon as this
  /// returns; a device that copies while the host goes on does so from pinned memory of its own.
  void write(MemorySegment source, long address, long bytes);

  /// Copies from the device to the host, after all kernels called so far have finished.
  void read(long address, MemorySegment target, long bytes);

  /// Copies to the host what is there after all kernels called so far, without waiting for them.
  default Later readLater(long address, long bytes) {
    var copy = MemorySegment.ofArray(new long[Math.toIntExact((bytes + 7) / 8)]).asSlice(0, bytes);
    read(address, copy, bytes);
    return () -> copy;
  }

  /// Copies within the device; the ranges must not overlap.
  void copy(long source, long target, long bytes);

  /// Copies to another device's memory, or within this one; through the host where neither reaches the other.
  default void copyTo(long source, Memory other, long target, long bytes) {
    if (other == this) {
      copy(source, target, bytes);
      return;
    }
    long piece = Math.min(bytes, 64L << 20);
    var stage = MemorySegment.ofArray(new long[(int) ((piece + 7) / 8)]);
    for (long at = 0; at < bytes; at += piece) {
      long size = Math.min(piece, bytes - at);
      read(source + at, stage, size);
      other.write(stage, target + at, size);
    }
  }

  /// Sets bytes to zero.
  void zero(long address, long bytes);

  /// Bytes handed out now.
  long bytesInUse();

  /// The most bytes handed out at one time since [#resetPeak].
  long peakBytes();

  /// Starts measuring [#peakBytes] anew.
  void resetPeak();

  /// Returns pooled memory that nobody uses to the operating system or the device.
  void trim();

  /// What the host asked to read and need not wait for yet.
  interface Later {

    /// Whether it has arrived, so that [#get] does not wait.
    default boolean done() {
      return true;
    }

    /// The bytes, once they have arrived.
    ///
    /// @throws RuntimeException what a kernel called before could not throw at once
    MemorySegment get();
  }
}
