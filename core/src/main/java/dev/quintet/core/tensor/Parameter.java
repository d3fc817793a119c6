package dev.quintet.core.tensor;

import dev.quintet.core.autograd.GradientSlot;
import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.Memory;
import dev.quintet.core.backend.StoredForm;
import dev.quintet.core.backend.Widened;
import dev.quintet.core.op.Factories;
import dev.quintet.core.op.Products;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// A tensor that a model learns: it owns its memory, outlives scopes, and gathers a gradient while it trains.
///
/// A parameter goes with its model: [#close] frees it at once; one that is forgotten is freed when the
/// garbage collector finds it. A frozen parameter holds no gradient. Closing it while another thread reads it is
/// safe: see [Scope]. [dev.quintet.core.nn.Init] fills new ones as Kaiming, Xavier and others would.
public final class Parameter extends Tensor implements AutoCloseable {
  private final Cleaner.Cleanable cleanable;
  private boolean trains = true;
  private Supplier<String> name = () -> "";

  private Parameter(Storage storage, GradientSlot slot, Shape shape, DType type) {
    super(storage, 0, shape, type, slot);
    cleanable = Collected.watch(this, new Release(storage, slot));
  }

  private Parameter(Storage storage, StoredForm form) {
    super(storage, form);
    trains = false;
    // never filled: nothing trains here
    GradientSlot slot = GradientSlot.ofParameter(storage.backend(), elements());
    slot(slot);
    cleanable = Collected.watch(this, new Release(storage, slot));
  }

  /// A float32 parameter with undefined contents.
  ///
  /// @throws dev.quintet.core.backend.DeviceUnavailableException if the device cannot be used
  public static Parameter empty(Shape shape, Device device) {
    return empty(shape, DType.F32, device);
  }

  /// A parameter with undefined contents, whose gradient is float32 whatever its own type.
  ///
  /// @param type float32 or bfloat16
  /// @throws dev.quintet.core.backend.DeviceUnavailableException if the device cannot be used
  public static Parameter empty(Shape shape, DType type, Device device) {
    Objects.requireNonNull(shape, "shape");
    Objects.requireNonNull(device, "device");
    Backend backend = Backends.of(device);
    long bytes = real(type).bytes(shape.elements());
    return new Parameter(
        Storage.allocate(backend, bytes),
        GradientSlot.ofParameter(backend, shape.elements()),
        shape,
        type);
  }

  private static DType real(DType type) {
    Objects.requireNonNull(type, "type");
    if (type != DType.F32 && type != DType.BF16) {
      throw new IllegalArgumentException(
          "a parameter is float32 or bfloat16, not " + type + ": cast() it first");
    }
    return type;
  }

  /// A parameter in host memory that the caller provides, such as a [mapped file][dev.quintet.core.io.SafetensorsFile];
  /// nothing is copied, and training writes there.
  ///
  /// @param memory native and writable, elements in the machine's byte order, at a multiple of their size
  /// @param type float32 or bfloat16
  /// @param device the processor; see [Memory#host]
  /// @param release run once when the parameter is closed or collected: the memory may go then
  /// @throws IllegalArgumentException if the memory or the device is not as said
  public static Parameter over(
      MemorySegment memory, Shape shape, DType type, Device device, Runnable release) {
    Objects.requireNonNull(memory, "memory");
    Objects.requireNonNull(shape, "shape");
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(release, "release");
    Backend backend = Backends.of(device);
    long bytes = real(type).bytes(shape.elements());
    if (backend.memory().host(memory.address(), bytes).isEmpty()) {
      throw new IllegalArgumentException(
          "a parameter over host memory is for the processor, not for " + device);
    }
    if (!memory.isNative()
        || memory.isReadOnly()
        || memory.byteSize() != bytes
        || memory.address() % type.bytes() != 0) {
      throw new IllegalArgumentException(
          "a parameter of shape "
              + shape
              + " takes "
              + bytes
              + " writable native bytes at a multiple of "
              + type.bytes()
              + ", not "
              + memory);
    }
    // The release keeps the segment, and with it a mapping that an automatic arena holds, alive.
    Runnable done =
        () -> {
          Reference.reachabilityFence(memory);
          release.run();
        };
    return new Parameter(
        Storage.lent(backend, memory.address(), bytes, done),
        GradientSlot.ofParameter(backend, shape.elements()),
        shape,
        type);
  }

  /// A weight in a small form: linear layers and embeddings compute with it in float32, and it does not train.
  ///
  /// @param fill writes the form's block, in host memory
  /// @throws dev.quintet.core.backend.DeviceUnavailableException if the device cannot be used
  public static Parameter stored(StoredForm form, Device device, Consumer<MemorySegment> fill) {
    Objects.requireNonNull(form, "form");
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(fill, "fill");
    Backend backend = Backends.of(device);
    Storage storage = Storage.allocate(backend, form.bytes());
    boolean filled = false;
    try (var arena = Arena.ofShared()) {
      Optional<MemorySegment> host = backend.memory().host(storage.address(), form.bytes());
      MemorySegment block = host.orElseGet(() -> arena.allocate(form.bytes(), 64));
      fill.accept(block);
      if (host.isEmpty()) {
        Scope.reading(device, () -> backend.memory().write(block, storage.address(), form.bytes()));
      }
      filled = true;
    } finally {
      if (!filled) {
        storage.release();
      }
    }
    return new Parameter(storage, form);
  }

  /// The values of a weight in a small form, in float32 and in the current scope; of others the parameter itself.
  public Tensor widened() {
    return stored().map(weight -> Products.widened(weight, this)).orElse(this);
  }

  /// The bytes that the values take.
  public long bytes() {
    return storage().bytes();
  }

  /// A parameter of standard normal values, on the device of the innermost open scope, or on the processor where none
  /// is open. It belongs to no scope.
  public static Parameter normal(Shape shape, long seed) {
    Objects.requireNonNull(shape, "shape");
    return normal(shape, 1, seed, Scope.deviceOr(Device.cpu()));
  }

  /// A parameter of normal values with this standard deviation.
  public static Parameter normal(Shape shape, double deviation, long seed, Device device) {
    Objects.requireNonNull(shape, "shape");
    Objects.requireNonNull(device, "device");
    Parameter parameter = empty(shape, device);
    Factories.fillNormal(parameter, deviation, seed);
    return parameter;
  }

  /// A parameter of one value everywhere.
  public static Parameter full(Shape shape, float value, Device device) {
    Objects.requireNonNull(shape, "shape");
    Objects.requireNonNull(device, "device");
    Parameter parameter = empty(shape, device);
    parameter.backend().layout().fill(value, parameter.address(), shape.elements());
    return parameter;
  }

  /// A parameter with the values and the type of a tensor, on its device.
  public static Parameter copyOf(Tensor tensor) {
    Objects.requireNonNull(tensor, "tensor");
    Parameter parameter = empty(tensor.shape(), tensor.type(), tensor.device());
    parameter.set(tensor);
    return parameter;
  }

  /// Moves the values and the gradient to another device, in place: views and modules go along. An optimizer's state
  /// does not, so this is done before training begins. Nobody else may use the parameter meanwhile.
  ///
  /// @throws dev.quintet.core.backend.DeviceUnavailableException if the device cannot be used
  /// @throws IllegalStateException if a scope keeps a view of this parameter
  public void moveTo(Device device) {
    Objects.requireNonNull(device, "device");
    Backend target = Backends.of(device);
    if (target != backend()) {
      storage().moveTo(target);
      Op.slot(this).moveTo(target);
    }
  }

  /// Has parameters lie on another device while a body runs, without their values, and then where they were before, with
  /// them: for a device that counts what is asked of it. Nobody else may use them meanwhile.
  ///
  /// @throws IllegalStateException if one of them holds a gradient
  public static void elsewhere(Collection<Parameter> parameters, Device device, Runnable body) {
    Objects.requireNonNull(parameters, "parameters");
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(body, "body");
    Backend there = Backends.of(device);
    var back = new ArrayList<Runnable>();
    var seen = Collections.<Storage>newSetFromMap(new IdentityHashMap<>());
    try {
      for (Parameter parameter : parameters) {
        if (parameter.hasGradient()) {
          throw new IllegalStateException(
              parameter.described() + " holds a gradient: clear it first");
        }
        if (seen.add(parameter.storage())) {
          Backend own = parameter.backend();
          GradientSlot slot = Op.slot(parameter);
          slot.free();
          back.add(parameter.storage().standIn(there));
          slot.moveTo(there);
          back.add(() -> {
            slot.free();
            slot.moveTo(own);
          });
        }
      }
      body.run();
    } finally {
      back.forEach(Runnable::run);
    }
  }

  /// Changes the element type in place; to bfloat16 values are rounded to the nearest. The gradient stays float32. An
  /// optimizer's state knows nothing of it, so this is done before training begins.
  ///
  /// @param other float32 or bfloat16
  /// @throws IllegalStateException if a scope keeps a view of this parameter
  public void castTo(DType other) {
    Objects.requireNonNull(other, "other");
    real(other);
    form()
        .ifPresent(small -> {
          throw new IllegalStateException(
              described()
                  + " is stored as "
                  + small.precision()
                  + " and becomes no other type: load the model in float32 first");
        });
    if (other != type()) {
      storage().cast(type(), other, elements());
      type(other);
    }
  }

  /// Sets the values.
  ///
  /// @throws IllegalArgumentException if their number differs
  public void set(float... values) {
    Objects.requireNonNull(values, "values");
    if (values.length != elements()) {
      throw new IllegalArgumentException(values.length + " values for " + described());
    }
    set(MemorySegment.ofArray(values));
  }

  /// Sets the values to float32 numbers in the machine's byte order, which are rounded where this is bfloat16.
  ///
  /// @throws IllegalArgumentException if the memory is not of 4 bytes for each element
  public void set(MemorySegment values) {
    Objects.requireNonNull(values, "values");
    if (values.byteSize() != DType.F32.bytes(elements())) {
      throw new IllegalArgumentException(
          values.byteSize() + " bytes of float32 for " + described());
    }
    Scope.reading(
        device(),
        () -> {
          try (var wide = new Widened(backend())) {
            long target = wide.write(type(), address(), elements());
            backend().memory().write(values, target, values.byteSize());
          }
        });
    storage().changed();
  }

  /// Sets the values to those of a tensor, which are rounded where this is bfloat16 and they are float32.
  ///
  /// @param values of this shape, on this device
  /// @throws IllegalArgumentException if shape, type or device are not so
  public void set(Tensor values) {
    Objects.requireNonNull(values, "values");
    real(values.type());
    if (!values.shape().equals(shape()) || !values.device().equals(device())) {
      throw new IllegalArgumentException(
          values.described()
              + " on "
              + values.device()
              + " for "
              + described()
              + " on "
              + device());
    }
    Scope.reading(
        device(),
        () -> {
          if (values.type() == type()) {
            backend().memory().copy(values.address(), address(), storage().bytes());
          } else {
            long from = values.address();
            backend().layout().cast(values.type(), type(), from, address(), elements());
          }
        });
    storage().changed();
  }

  /// Says what to call this parameter in messages, if nobody has said so before; modules do.
  ///
  /// @param path gives the name when it is wanted; an empty one is none
  public void named(Supplier<String> path) {
    Objects.requireNonNull(path, "path");
    if (name().isEmpty()) {
      name = path;
    }
  }

  /// The path within the model that it belongs to, if it belongs to one.
  public Optional<String> name() {
    return Optional.of(name.get()).filter(path -> !path.isEmpty());
  }

  @Override
  public String described() {
    return name()
        .map(path -> "the parameter " + path + " of shape " + shape())
        .orElse("a parameter of shape " + shape());
  }

  /// Whether it trains; a frozen one is passed over by backwards and optimizers.
  public boolean trains() {
    return trains;
  }

  /// Freezes or thaws. Freezing frees the gradient.
  ///
  /// @throws IllegalStateException if it is to train and is a weight in a small form
  public void train(boolean on) {
    if (on && form().isPresent()) {
      throw new IllegalStateException(
          described()
              + " is stored as "
              + form().get().precision()
              + ", which is for answers and not for training: load the model in float32");
    }
    trains = on;
    if (!on) {
      Op.slot(this).free();
    }
  }

  @Override
  public boolean requiresGradient() {
    return trains;
  }

  /// Clears the gradient; the next backward writes it anew into the same memory.
  public void zeroGradient() {
    Op.slot(this).clear();
  }

  /// Has the gradient's memory be taken when one comes and given back when it is cleared, in place of being kept from step to
  /// step: what a forward makes can lie there meanwhile. A gradient then belongs to the thread that went back.
  public void passingGradient(boolean on) {
    Op.slot(this).passing(on);
  }

  /// Clears the gradient and frees its memory.
  public void freeGradient() {
    Op.slot(this).free();
  }

  /// Bytes that the gradient holds.
  public long gradientBytes() {
    return Op.slot(this).bytes();
  }

  /// Frees the memory and the gradient; using the parameter afterwards is an error.
  @Override
  public void close() {
    cleanable.clean();
  }

  private record Release(Storage storage, GradientSlot slot) implements Runnable {
    @Override
    public void run() {
      slot.close();
      storage.release();
    }
  }
}
