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
  private final Runnable release;
  private final @Nullable Throwable origin;
  private int holders = 1;

  private Storage(Backend backend, long address, long bytes, Runnable release) {
    this.backend = backend;
    this.address = address;
    this.bytes = bytes;
    this.release = release;
    this.origin = LeakCheck.origin();
    LeakCheck.made(this);
  }

  /// A new block with undefined contents and one holder.
  public static Storage allocate(Backend backend, long bytes) {
    long address = backend.memory().allocate(bytes);
    return new Storage(backend, address, bytes, () -> backend.memory().release(address, bytes));
  }

  /// A block of memory that the backend can address and somebody else provides, with one holder.
  ///
  /// @param release what gives it back, run once
  static Storage lent(Backend backend, long address, long bytes, Runnable release) {
    return new Storage(backend, address, bytes, release);
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
      release.run();
    }
  }

  @Nullable Throwable origin() {
    return origin;
  }
}
