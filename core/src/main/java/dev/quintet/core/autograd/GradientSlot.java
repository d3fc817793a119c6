package dev.quintet.core.autograd;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.Widened;
import dev.quintet.core.shape.DType;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Storage;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where a tensor's gradient gathers.
///
/// Empty until the first contribution, which is written rather than added. The memory may be shared
/// with other slots while nobody changes it: a residual sum hands one gradient to both sides without a copy.
public final class GradientSlot {
  private Backend backend;
  private final long count;
  private final DType type;
  private final boolean permanent;
  private final boolean parameter;
  private final @Nullable Tape tape;
  private @Nullable Storage storage;
  private boolean filled;
  private boolean passing;
  private boolean kept; // whether the memory outlives its gradient
  private boolean spent;
  private volatile boolean closed;

  private GradientSlot(
      Backend backend,
      long count,
      DType type,
      boolean permanent,
      boolean parameter,
      @Nullable Tape tape) {
    this.backend = backend;
    this.count = count;
    this.type = type;
    this.permanent = permanent;
    this.parameter = parameter;
    this.tape = tape;
  }

  /// An empty slot of a parameter: its memory belongs to no thread and is kept when the slot is cleared.
  ///
  /// @param backend where the gradient lies
  /// @param count elements, float32 whatever the parameter's own type
  public static GradientSlot ofParameter(Backend backend, long count) {
    return new GradientSlot(backend, count, DType.F32, true, true, null);
  }

  /// An empty slot of a tensor that was given and not computed: its memory is kept when the slot is cleared.
  ///
  /// @param backend where the gradient lies
  /// @param count elements
  /// @param type of the tensor and its gradient
  public static GradientSlot ofGiven(Backend backend, long count, DType type) {
    return new GradientSlot(backend, count, type, true, false, null);
  }

  /// An empty slot of the result of an operation.
  ///
  /// @param backend where the gradient lies
  /// @param count elements
  /// @param type of the result and its gradient
  /// @param tape where the operation stands
  public static GradientSlot ofResult(Backend backend, long count, DType type, Tape tape) {
    return new GradientSlot(backend, count, type, false, false, tape);
  }

  /// Has the memory of a parameter's gradient be taken from what steps use when a gradient comes, and given back when it is
  /// cleared, in place of being kept: activations can then lie there meanwhile. It belongs to the thread that goes back.
  public void passing(boolean on) {
    if (on != passing) {
      passing = on;
      if (!filled) {
        release();
      }
    }
  }

  private boolean keeps() {
    return permanent && !passing;
  }

  /// The tape on which the operation stands whose result this is; empty for what was not computed.
  public Optional<Tape> tape() {
    return Optional.ofNullable(tape);
  }

  /// Whether a backward has used the operation whose result this is: no gradient passes there again.
  public boolean spent() {
    return spent;
  }

  /// Forgets the gradient of a result whose operation is gone from the tape.
  void spend() {
    spent = true;
    clear();
  }

  /// The gradient's element type.
  public DType type() {
    return type;
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
  public Gradient sink() {
    boolean add = filled;
    Storage mine = add ? exclusive() : target();
    filled = true;
    return new Gradient(mine.address(), add);
  }

  /// Adds a gradient that lies at the start of a block. The block is shared, not copied, when it is the first
  /// contribution and the slot is not permanent.
  ///
  /// @param gradient the block
  /// @param address where in it the gradient starts
  public void add(Storage gradient, long address) {
    boolean whole = address == gradient.address() && gradient.bytes() == type.bytes(count);
    if (!filled && !permanent && whole) {
      take(gradient);
      return;
    }
    Gradient sink = sink();
    if (sink.add()) {
      try (var widened = new Widened(backend)) {
        Gradient wide = widened.write(type, sink, count);
        backend
            .elementwise()
            .addScaled(1, widened.read(type, address, count), wide.address(), count);
      }
    } else {
      backend.memory().copy(address, sink.address(), type.bytes(count));
    }
  }

  /// Like [#add] of a block that nobody else will look at again: it is taken over wherever no memory is kept.
  ///
  /// @param gradient the block
  /// @param address where in it the gradient starts
  public void give(Storage gradient, long address) {
    boolean whole = address == gradient.address() && gradient.bytes() == type.bytes(count);
    if (!filled && !keeps() && whole) {
      take(gradient);
    } else {
      add(gradient, address);
    }
  }

  private void take(Storage gradient) {
    release();
    storage = gradient.retain();
    kept = false;
    filled = true;
  }

  /// Forgets the gradient; a permanent slot keeps its memory for the next one.
  public void clear() {
    filled = false;
    if (!kept) {
      release();
    }
  }

  /// Forgets the gradient and frees its memory.
  public void free() {
    filled = false;
    release();
  }

  /// Frees the memory for good.
  public void close() {
    closed = true;
    free();
  }

  /// Moves a parameter's gradient to another device, and takes memory there from now on.
  public void moveTo(Backend target) {
    if (storage != null) {
      storage.moveTo(target);
    }
    backend = target;
  }

  private Storage target() {
    Storage mine = storage;
    if (mine == null) {
      mine = allocate();
      storage = mine;
    }
    return mine;
  }

  private Storage allocate() {
    if (closed) {
      throw new IllegalStateException("a parameter that takes a gradient here has been closed");
    }
    kept = keeps();
    return parameter && kept
        ? Storage.allocate(backend, type.bytes(count))
        : Scope.current().block(backend, type.bytes(count));
  }

  /// The slot's memory, copied first when others hold it too.
  private Storage exclusive() {
    Storage mine = target();
    if (mine.holders() > 1) {
      Storage copy = allocate();
      backend.memory().copy(mine.address(), copy.address(), type.bytes(count));
      mine.release();
      storage = copy;
      mine = copy;
    }
    return mine;
  }

  private void release() {
    Storage mine = storage;
    if (mine != null) {
      storage = null;
      mine.release();
    }
  }
}
