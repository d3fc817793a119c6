package dev.quintet.core.tensor;

import dev.quintet.core.autograd.Tape;
import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import java.util.ArrayList;
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
public final class Scope implements AutoCloseable {
  private static final ThreadLocal<@Nullable Scope> CURRENT = new ThreadLocal<>();

  private final Backend backend;
  private final @Nullable Scope parent;
  private final Tape tape;
  private final boolean recording;
  private final Thread thread = Thread.currentThread();
  private final ArrayList<Storage> owned = new ArrayList<>();
  private boolean closed;

  private Scope(Backend backend, @Nullable Scope parent, boolean recording) {
    this.backend = backend;
    this.parent = parent;
    this.recording = recording;
    this.tape = parent == null ? new Tape() : parent.tape;
    CURRENT.set(this);
  }

  /// Opens a scope whose results lie on a device, inside the innermost open one if there is one.
  ///
  /// @throws dev.quintet.core.backend.DeviceUnavailableException if the device cannot be used
  public static Scope open(Device device) {
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

  /// Computes one result in a scope of its own, so that what it takes on the way is freed at once.
  ///
  /// @throws IllegalStateException if no scope is open
  public static Tensor local(Supplier<Tensor> body) {
    try (var inner = open()) {
      return inner.keep(body.get());
    }
  }

  /// Runs a body in which nothing is recorded, in a scope of its own; for backward rules and updates.
  ///
  /// @throws IllegalStateException if no scope is open
  public static void unrecorded(Runnable body) {
    Scope parent = current();
    try (var _ = new Scope(parent.backend, parent, false)) {
      body.run();
    }
  }

  /// Hands a result to the parent scope, which frees it at its own end; returns it.
  ///
  /// @throws IllegalStateException if this scope has no parent: then read the values, or make a
  ///     [Parameter] of them
  public Tensor keep(Tensor tensor) {
    checkOpen();
    if (parent == null) {
      throw new IllegalStateException(
          "the outermost scope has no parent to keep a tensor in: read its values with toFloats()"
              + " or open an outer scope");
    }
    if (!tensor.isParameter()) {
      parent.owned.add(tensor.storage().retain());
    }
    return tensor;
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
    checkOpen();
    Storage storage = Storage.allocate(backend, type.bytes(shape.elements()));
    owned.add(storage);
    return Tensor.over(storage, 0, shape, type);
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
      tape.clear();
    } else {
      CURRENT.set(parent);
    }
    for (int i = owned.size() - 1; i >= 0; i--) {
      owned.get(i).release();
    }
    owned.clear();
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("this scope is closed");
    }
  }
}
