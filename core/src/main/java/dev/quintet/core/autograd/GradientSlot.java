package dev.quintet.core.autograd;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.tensor.Storage;
import org.jspecify.annotations.Nullable;

/// Where a tensor's gradient gathers.
///
/// Empty until the first contribution, which is written rather than added. The memory may be shared
/// with other slots while nobody changes it: a residual sum hands one gradient to both sides without a copy.
public final class GradientSlot {
  private final Backend backend;
  private final long count;
  private final boolean permanent;
  private @Nullable Storage storage;
  private boolean filled;

  /// An empty slot.
  ///
  /// @param backend where the gradient lies
  /// @param count elements, float32
  /// @param permanent whether the memory is kept when the slot is cleared, as a parameter's is
  public GradientSlot(Backend backend, long count, boolean permanent) {
    this.backend = backend;
    this.count = count;
    this.permanent = permanent;
  }

  /// Whether a gradient has arrived.
  public boolean filled() {
    return filled;
  }

  /// The memory of the gradient, if any has been taken.
  public @Nullable Storage storage() {
    return storage;
  }

  /// Bytes held.
  public long bytes() {
    return storage == null ? 0 : storage.bytes();
  }

  /// Where a kernel puts its contribution, and whether it must add.
  public Sink sink() {
    boolean add = filled;
    Storage mine = add ? exclusive() : target();
    filled = true;
    return new Sink(mine.address(), add);
  }

  /// Adds a gradient that lies at the start of a block. The block is shared, not copied, when it is the first
  /// contribution and the slot is not permanent.
  ///
  /// @param gradient the block
  /// @param address where in it the gradient starts
  public void add(Storage gradient, long address) {
    boolean whole = address == gradient.address() && gradient.bytes() == 4 * count;
    if (!filled && !permanent && whole) {
      release();
      storage = gradient.retain();
      filled = true;
      return;
    }
    Sink sink = sink();
    if (sink.accumulate()) {
      backend.elementwise().addScaled(1, address, sink.address(), count);
    } else {
      backend.memory().copy(address, sink.address(), 4 * count);
    }
  }

  /// Forgets the gradient; a permanent slot keeps its memory for the next one.
  public void clear() {
    filled = false;
    if (!permanent) {
      release();
    }
  }

  /// Forgets the gradient and frees its memory.
  public void free() {
    filled = false;
    release();
  }

  private Storage target() {
    Storage mine = storage;
    if (mine == null) {
      mine = Storage.allocate(backend, 4 * count);
      storage = mine;
    }
    return mine;
  }

  /// The slot's memory, copied first when others hold it too.
  private Storage exclusive() {
    Storage mine = target();
    if (mine.holders() > 1) {
      Storage copy = Storage.allocate(backend, 4 * count);
      backend.memory().copy(mine.address(), copy.address(), 4 * count);
      mine.release();
      storage = copy;
      mine = copy;
    }
    return mine;
  }

  private void release() {
    if (storage != null) {
      storage.release();
      storage = null;
    }
  }

  /// Where a contribution goes.
  ///
  /// @param address of the gradient's first element
  /// @param accumulate whether to add to what is there; if not, it is undefined
  public record Sink(long address, boolean accumulate) {}
}
