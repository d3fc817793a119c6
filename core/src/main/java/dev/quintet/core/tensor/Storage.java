package dev.quintet.core.tensor;

import dev.quintet.core.autograd.GradientSlot;
import dev.quintet.core.backend.Backend;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A block of device memory with a count of its holders: scopes, the tape, gradients.
///
/// Freed when the last holder releases it, and, where another thread has taken its [#address] in a scope, when that
/// thread's outermost scope ends as well. Only who writes operations meets this class.
public final class Storage {
  private final Block block;
  private final @Nullable Owner owner;
  private final @Nullable Throwable origin;
  private @Nullable List<GradientSlot> gradients;
  private int version;

  private Storage(Block block, @Nullable Owner owner) {
    this.block = block;
    this.owner = owner;
    this.origin = LeakCheck.origin();
    LeakCheck.made(this);
  }

  /// A new block with undefined contents and one holder, which belongs to no thread: a parameter's, for example.
  public static Storage allocate(Backend backend, long bytes) {
    long address = backend.memory().allocate(bytes);
    return new Storage(new Block(backend, address, bytes, null, null), null);
  }

  /// A new block with undefined contents and one holder, which belongs to a thread.
  static Storage allocate(Backend backend, long bytes, Owner owner) {
    long address = backend.memory().allocate(bytes);
    return new Storage(new Block(backend, address, bytes, null, owner.ledger()), owner);
  }

  /// A block of memory that the backend can address and somebody else provides, with one holder.
  ///
  /// @param release what gives it back, run once
  static Storage lent(Backend backend, long address, long bytes, Runnable release) {
    return new Storage(new Block(backend, address, bytes, release, null), null);
  }

  /// The backend whose memory this is.
  public Backend backend() {
    return block.backend();
  }

  /// The address of the first byte. In a scope of a thread that does not own the memory, it is not given back before
  /// that thread's outermost scope ends, whoever frees it.
  ///
  /// @throws IllegalStateException if the block has been freed
  public long address() {
    if (owner == null || owner.foreign()) {
      Scope.borrow(block);
    }
    if (block.holders() <= 0) {
      throw new IllegalStateException(
          owner == null
              ? "this parameter has been freed: it, or the model that it belongs to, is closed"
              : "this tensor has been freed: the scope that owned it is closed. Hand it to the"
                  + " parent with scope.keep(tensor), or read it before the scope ends.",
          origin);
    }
    return block.address;
  }

  /// The size in bytes.
  public long bytes() {
    return block.bytes;
  }

  /// Whether the memory is still held.
  public boolean alive() {
    return block.holders() > 0;
  }

  /// The number of holders.
  public int holders() {
    return block.holders();
  }

  /// Adds a holder.
  ///
  /// @throws IllegalStateException if the block has been freed
  public Storage retain() {
    if (!block.retain()) {
      address();
    }
    return this;
  }

  /// Takes a holder away and frees the block with the last one.
  public void release() {
    if (block.release()) {
      LeakCheck.freed(this);
      if (gradients != null) {
        gradients.forEach(GradientSlot::free);
        gradients = null;
      }
    }
  }

  /// How often the contents were changed in place; see [#changed].
  public int version() {
    return version;
  }

  /// Notes that the contents were changed in place, so that a backward which needs the old ones refuses instead of
  /// computing with the new. Who writes to an [#address] calls this.
  public void changed() {
    version++;
  }

  /// Whether the memory belongs to a thread's scopes, and not to a parameter.
  boolean scoped() {
    return owner != null;
  }

  /// Frees a gradient together with this block.
  void attach(GradientSlot slot) {
    if (gradients == null) {
      gradients = new ArrayList<>(1);
    }
    gradients.add(slot);
  }

  @Nullable Throwable origin() {
    return origin;
  }
}
