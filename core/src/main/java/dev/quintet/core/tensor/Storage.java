package dev.quintet.core.tensor;

import dev.quintet.core.autograd.GradientSlot;
import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.OutOfDeviceMemoryException;
import dev.quintet.core.shape.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// A block of device memory with a count of its holders: scopes, the tape, gradients.
///
/// Freed when the last holder releases it, and, where another thread has taken its [#address] in a scope, when that
/// thread's outermost scope ends as well. Only who writes operations meets this class.
public final class Storage {
  private volatile Block block;
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
    return new Storage(lasting(backend, bytes), null);
  }

  /// A new block with undefined contents and one holder, which belongs to a thread.
  static Storage allocate(Backend backend, long bytes, Owner owner) {
    long address = take(backend, () -> backend.memory().allocate(bytes));
    return new Storage(new Block(backend, address, bytes, null, owner.ledger()), owner);
  }

  private static Block lasting(Backend backend, long bytes) {
    if (Scope.ledgerOfThisThread() == null) {
      Collected.giveBack(backend);
    }
    long address = take(backend, () -> backend.memory().allocateLasting(bytes));
    return new Block(backend, address, bytes, null, null);
  }

  /// Allocates, a second time where what the garbage collector found makes room.
  private static long take(Backend backend, LongSupplier allocation) {
    try {
      return allocation.getAsLong();
    } catch (OutOfDeviceMemoryException e) {
      if (!Collected.giveBack(backend)) {
        throw e;
      }
      return allocation.getAsLong();
    }
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

  /// Moves the contents, which belong to no thread, to another device; what lies over them goes along.
  ///
  /// @throws IllegalStateException if a scope keeps a view of them
  public void moveTo(Backend target) {
    Block old = block;
    replace(
        lasting(target, old.bytes),
        moved -> old.backend().memory().copyTo(address(), target.memory(), moved, old.bytes));
  }

  /// Has a block without contents on another device stand here, until what it returns has run.
  Runnable standIn(Backend other) {
    Block own = block;
    Block shadow = lasting(other, own.bytes);
    block = shadow;
    return () -> {
      block = own;
      shadow.release();
    };
  }

  /// Goes over to elements of another type, in place.
  ///
  /// @throws IllegalStateException if a scope keeps a view of this memory
  void cast(DType from, DType to, long count) {
    replace(
        lasting(backend(), to.bytes(count)),
        made -> backend().layout().cast(from, to, address(), made, count));
  }

  private void replace(Block made, LongConsumer fill) {
    Block old = block;
    if (old.holders() != 1) {
      made.release();
      throw new IllegalStateException(
          "a parameter was to move or to change its type while a scope keeps a view of it: close"
              + " that scope first");
    }
    Scope.reading(old.backend().device(), () -> fill.accept(made.address));
    block = made;
    changed();
    old.release();
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
