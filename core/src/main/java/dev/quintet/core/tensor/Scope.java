package dev.quintet.core.tensor;

import dev.quintet.core.autograd.GradientSlot;
import dev.quintet.core.autograd.Tape;
import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.Queue;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The lifetime of what operations make: a result belongs to the calling thread's innermost open scope and
/// is freed at its end.
///
/// ```java
/// try (var scope = Scope.open(Device.cpu())) {
///   var y = x.matmul(w).relu();
///   ...
/// } // y is gone
/// ```
///
/// [#keep] hands a result to the parent. A scope belongs to the thread that opened it, and scopes are
/// closed in reverse order. Memory that the tape still needs for a backward outlives an inner scope
/// until that backward has run or the outermost scope is closed.
///
/// A thread's outermost scope of a device holds the [Queue] that its kernels join there.
///
/// Tensors and parameters of others may be read in a scope: who closes them meanwhile takes them from
/// newcomers at once, but their memory is given back only when this thread's outermost scope ends. A thread that ends
/// with a scope open leaves what it holds to the garbage collector, which frees it late and with a warning.
public final class Scope implements AutoCloseable {
  private static final ThreadLocal<@Nullable Scope> CURRENT = new ThreadLocal<>();
  private static final ThreadLocal<Owner> OWNER = ThreadLocal.withInitial(Owner::new);

  private final Backend backend;
  private final @Nullable Scope parent;
  private final Tape tape;
  private final Owner owner;
  private final boolean recording;
  private final @Nullable Queue queue; // the outermost one's of a device
  private final Thread thread = Thread.currentThread();
  private final ArrayList<Storage> owned = new ArrayList<>();
  private final ArrayList<GradientSlot> gradients = new ArrayList<>(0);
  private boolean closed;

  private Scope(Backend backend, @Nullable Scope parent, boolean recording) {
    this(backend, parent, recording, parent == null ? new Tape(null) : parent.tape);
  }

  private Scope(Backend backend, @Nullable Scope parent, boolean recording, Tape tape) {
    this.backend = backend;
    this.parent = parent;
    this.recording = recording;
    this.tape = tape;
    this.owner = parent == null ? OWNER.get() : parent.owner;
    this.queue = within(parent, backend) ? null : backend.openQueue();
    if (queue != null) {
      Collected.giveBack(backend);
    }
    CURRENT.set(this);
  }

  private static boolean within(@Nullable Scope scope, Backend backend) {
    return scope != null && (scope.backend == backend || within(scope.parent, backend));
  }

  /// Opens a scope whose results lie on a device, inside the innermost open one if there is one.
  ///
  /// @throws dev.quintet.core.backend.DeviceUnavailableException if the device cannot be used
  public static Scope open(Device device) {
    Objects.requireNonNull(device, "device");
    Scope parent = CURRENT.get();
    return new Scope(Backends.of(device), parent, parent == null || parent.recording);
  }

  /// Opens a scope inside the innermost open one, on the same device.
  ///
  /// @throws IllegalStateException if no scope is open
  public static Scope open() {
    Scope parent = current();
    return new Scope(parent.backend, parent, parent.recording);
  }

  /// Opens a scope in which nothing is recorded for a backward: inference, evaluation, updates.
  ///
  /// @throws dev.quintet.core.backend.DeviceUnavailableException if the device cannot be used
  public static Scope openWithoutGradients(Device device) {
    Objects.requireNonNull(device, "device");
    return new Scope(Backends.of(device), CURRENT.get(), false);
  }

  /// The calling thread's innermost open scope.
  ///
  /// @throws IllegalStateException if there is none, with what to write
  public static Scope current() {
    Scope scope = CURRENT.get();
    if (scope == null) {
      throw new IllegalStateException(
          "no scope is open in this thread, so nothing would free the result: write"
              + " try (var scope = Scope.open(Device.cpu())) { ... } around tensor operations");
    }
    return scope;
  }

  /// The device of the calling thread's innermost open scope, or another where none is open.
  public static Device deviceOr(Device other) {
    Objects.requireNonNull(other, "other");
    Scope scope = CURRENT.get();
    return scope == null ? other : scope.device();
  }

  /// Computes one result in a scope of its own, so that what it takes on the way is freed at once.
  ///
  /// @throws IllegalStateException if no scope is open
  public static Tensor local(Supplier<Tensor> body) {
    Objects.requireNonNull(body, "body");
    try (var inner = open()) {
      return inner.keep(body.get());
    }
  }

  /// Runs a body in which nothing is recorded, in a scope of its own; for backward rules and updates.
  ///
  /// @throws IllegalStateException if no scope is open
  public static void unrecorded(Runnable body) {
    unrecorded(current().backend, body);
  }

  /// Runs a body in which nothing is recorded, in a scope of its own whose results lie on a device.
  ///
  /// @throws IllegalStateException if no scope is open
  public static void unrecorded(Backend backend, Runnable body) {
    Objects.requireNonNull(backend, "backend");
    Objects.requireNonNull(body, "body");
    try (var _ = new Scope(backend, current(), false)) {
      body.run();
    }
  }

  /// Computes results of which nothing is recorded, in a scope of its own.
  ///
  /// @throws IllegalStateException if no scope is open
  static List<Tensor> unrecorded(Supplier<List<Tensor>> body) {
    Scope parent = current();
    try (var inner = new Scope(parent.backend, parent, false)) {
      return body.get().stream().map(y -> inner.keep(y).detach()).toList();
    }
  }

  /// Opens a scope that records on a tape of its own, for a part that is computed anew inside a backward; what stands
  /// on the tape around it takes its gradient directly. [Tape#backward] carries that back; the rest goes with the
  /// scope.
  ///
  /// @throws IllegalStateException if no scope is open
  public static Scope openAnew() {
    Scope parent = current();
    return new Scope(parent.backend, parent, true, new Tape(parent.tape));
  }

  /// Runs a body that reads or writes tensors by their addresses in a scope, so that their memory is not given back
  /// before its end: in the innermost open one, or in one of its own where none is open.
  ///
  /// @param device the device of the scope that is opened where none is open
  public static void reading(Device device, Runnable body) {
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(body, "body");
    if (CURRENT.get() != null) {
      body.run();
      return;
    }
    try (var _ = openWithoutGradients(device)) {
      body.run();
    }
  }

  /// Hands a result on to the parent: to the scope around this one, which frees it at its own end. Returns it.
  ///
  /// Nothing outlives the outermost scope, so that one has nobody to hand to and refuses. What is to stay longer is
  /// read (`toFloats()`), copied into a [Parameter] (`Parameter.copyOf`), or made inside a scope that stays open.
  ///
  /// @throws IllegalStateException if this is the outermost scope
  public Tensor keep(Tensor tensor) {
    Objects.requireNonNull(tensor, "tensor");
    checkOpen();
    if (parent == null) {
      throw new IllegalStateException(
          "scope.keep hands a tensor on to the scope around this one, and this one is the outermost:"
              + " read the values with toFloats(), copy them with Parameter.copyOf(tensor), or open"
              + " another scope around this one, which then owns the tensor");
    }
    if (!tensor.isParameter()) {
      parent.owned.add(tensor.storage().retain());
    }
    return tensor;
  }

  /// Keeps a tensor until the backward of all that is recorded now and later has run: one that many operations read by its
  /// address, and none saves. Where nothing is recorded it lives as long as its scope. Returns it.
  public Tensor hold(Tensor tensor) {
    Objects.requireNonNull(tensor, "tensor");
    checkOpen();
    if (recording) {
      tape.hold(tensor);
    }
    return tensor;
  }

  /// Lets go of a result of this scope before its end; what belongs to another scope is left alone.
  public void release(Tensor tensor) {
    Objects.requireNonNull(tensor, "tensor");
    checkOpen();
    int at = owned.lastIndexOf(tensor.storage());
    if (at >= 0) {
      owned.remove(at).release();
    }
  }

  /// The device of results made here.
  public Device device() {
    return backend.device();
  }

  /// The backend of results made here.
  public Backend backend() {
    return backend;
  }

  /// The tape of this thread's outermost scope.
  public Tape tape() {
    return tape;
  }

  /// Whether operations are recorded for a backward.
  public boolean recording() {
    return recording;
  }

  /// A tensor with undefined contents that belongs to this scope.
  public Tensor empty(Shape shape, DType type) {
    return empty(shape, type, backend);
  }

  /// A tensor with undefined contents on any device that belongs to this scope.
  public Tensor empty(Shape shape, DType type, Backend where) {
    Objects.requireNonNull(shape, "shape");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(where, "where");
    checkOpen();
    Storage storage = Storage.allocate(where, type.bytes(shape.elements()), owner);
    owned.add(storage);
    return Op.over(storage, 0, shape, type);
  }

  /// A block with undefined contents and one holder, who frees it; for gradients of this thread's tensors.
  public Storage block(Backend where, long bytes) {
    Objects.requireNonNull(where, "where");
    return Storage.allocate(where, bytes, owner);
  }

  /// Frees a gradient at the end of this scope.
  void attach(GradientSlot gradient) {
    gradients.add(gradient);
  }

  /// Keeps the memory of a block that is another's until the calling thread's outermost scope ends, if one is open.
  static void borrow(Block block) {
    Scope scope = CURRENT.get();
    if (scope != null) {
      scope.owner.ledger().borrow(block);
    }
  }

  /// The ledger of the calling thread, if a scope is open.
  static @Nullable Ledger ledgerOfThisThread() {
    Scope scope = CURRENT.get();
    return scope == null ? null : scope.owner.ledger();
  }

  /// Frees what belongs to this scope, the last made first.
  ///
  /// @throws IllegalStateException if called by another thread, or while an inner scope is open
  @Override
  public void close() {
    if (closed) {
      return;
    }
    if (Thread.currentThread() != thread) {
      throw new IllegalStateException(
          "a scope is closed by the thread that opened it: " + thread.getName());
    }
    if (CURRENT.get() != this) {
      throw new IllegalStateException("close the inner scopes first");
    }
    closed = true;
    if (parent == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(parent);
    }
    if (parent == null || tape != parent.tape) {
      tape.clear();
    }
    gradients.forEach(GradientSlot::free);
    for (int i = owned.size() - 1; i >= 0; i--) {
      owned.get(i).release();
    }
    owned.clear();
    if (parent == null) {
      owner.ledger().returnAll();
      owner.ledger().sweep();
    }
    if (queue != null) {
      queue.close();
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("this scope is closed");
    }
  }
}
