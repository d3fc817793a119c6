package dev.quintet.core.tensor;

import dev.quintet.core.backend.Backend;
import org.jspecify.annotations.Nullable;

/// A block of device memory with a count of its holders: scopes, the tape, gradients.
///
/// Freed when the last holder releases it. Only who writes operations meets this class. Not
/// thread-safe: what a scope holds belongs to one thread; a parameter's storage has one holder for life.
public final class Storage {
  private final Backend backend;
  private final long address;
  private final long bytes;
  private final @Nullable Throwable origin;
  private int holders = 1;

  private Storage(Backend backend, long address, long bytes, @Nullable Throwable origin) {
    this.backend = backend;
    this.address = address;
    this.bytes = bytes;
    this.origin = origin;
  }

  /// A new block with undefined contents and one holder.
  public static Storage allocate(Backend backend, long bytes) {
    long address = backend.memory().allocate(bytes);
    var storage = new Storage(backend, address, bytes, LeakCheck.origin());
    LeakCheck.made(storage);
    return storage;
  }

  /// The backend whose memory this is.
  public Backend backend() {
    return backend;
  }

  /// The address of the first byte.
  ///
  /// @throws IllegalStateException if the block has been freed
  public long address() {
    if (holders == 0) {
      throw new IllegalStateException(
          "this tensor has been freed: the scope that owned it is closed. Hand it to the parent"
              + " with scope.keep(tensor), or read it before the scope ends.",
          origin);
    }
    return address;
  }

  /// The size in bytes.
  public long bytes() {
    return bytes;
  }

  /// Whether the memory is still held.
  public boolean alive() {
    return holders > 0;
  }

  /// The number of holders.
  public int holders() {
    return holders;
  }

  /// Adds a holder.
  public Storage retain() {
    address();
    holders++;
    return this;
  }

  /// Takes a holder away and frees the block with the last one.
  public void release() {
    if (holders == 0) {
      throw new IllegalStateException("released more often than held");
    }
    if (--holders == 0) {
      LeakCheck.freed(this);
      backend.memory().release(address, bytes);
    }
  }

  @Nullable Throwable origin() {
    return origin;
  }
}
