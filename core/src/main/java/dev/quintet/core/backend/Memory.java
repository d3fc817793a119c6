package dev.quintet.core.backend;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// A device's memory: blocks aligned to 64 bytes that are handed out from a pool and reused.
///
/// The order of blocks handed out depends on the order of calls alone, so that a repeated sequence
/// of allocations and releases gets the same addresses again. Thread-safe.
public interface Memory {

  /// A block of at least `bytes` bytes with undefined contents; its address is a multiple of 64.
  /// An allocation of 0 bytes returns a valid block too.
  ///
  /// @throws OutOfDeviceMemoryException if there is not enough
  long allocate(long bytes);

  /// Gives a block back; `bytes` is what was asked for.
  void release(long address, long bytes);

  /// Memory at an address as the host sees it; empty where device and host have each their own. Where it is
  /// there, kernels take addresses of other host memory too, such as of a mapped file.
  default Optional<MemorySegment> host(long address, long bytes) {
    return Optional.empty();
  }

  /// Copies from the host to the device, after all kernels called so far.
  void write(MemorySegment source, long address, long bytes);

  /// Copies from the device to the host, after all kernels called so far have finished.
  void read(long address, MemorySegment target, long bytes);

  /// Copies within the device; the ranges must not overlap.
  void copy(long source, long target, long bytes);

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
}
