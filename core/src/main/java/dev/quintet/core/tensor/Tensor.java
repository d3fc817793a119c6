package dev.quintet.core.tensor;

import dev.quintet.core.autograd.GradientSlot;
import dev.quintet.core.autograd.Tape;
import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.StoredForm;
import dev.quintet.core.backend.StoredMatrix;
import dev.quintet.core.op.Factories;
import dev.quintet.core.op.HostArrays;
import dev.quintet.core.op.Layouts;
import dev.quintet.core.op.Reading;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.Buffer;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// An array of numbers in a device's memory: contiguous, row-major, of any rank.
///
/// Operations are methods that return new tensors; each belongs to the innermost [Scope]. They stand by subject in
/// [Arithmetic], [Comparing], [Reducing], [Arranging] and [Layering]; here are making, reading and gradients.
/// Operands are float32 unless a method says otherwise, lie on one device, and are checked: an
/// [IllegalArgumentException] names the operation, what was expected and what came. Using a freed tensor throws
/// [IllegalStateException]. Negative axes count from the end. What each operation computes, and how its gradient goes
/// back, stands in `dev.quintet.core.op`, one file a family.
public sealed class Tensor implements Arithmetic, Comparing, Reducing, Arranging, Layering
    permits Parameter {
  private final Storage storage;
  private final long offset;
  private final Shape shape;
  private DType type;
  private @Nullable GradientSlot slot;
  private final @Nullable StoredForm form;

  Tensor(Storage storage, long offset, Shape shape, DType type, @Nullable GradientSlot slot) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.type = type;
    this.slot = slot;
    this.form = null;
  }

  /// A weight in a small form.
  Tensor(Storage storage, StoredForm form) {
    this.storage = storage;
    this.offset = 0;
    this.shape = Shape.of(form.rows(), form.columns());
    this.type = DType.F32;
    this.form = form;
  }

  // ---- making ----

  /// A tensor with undefined contents in the current scope.
  public static Tensor empty(Shape shape, DType type) {
    Objects.requireNonNull(shape, "shape");
    Objects.requireNonNull(type, "type");
    return Scope.current().empty(shape, type);
  }

  /// These float32 values in this shape.
  public static Tensor of(Shape shape, float... values) {
    Objects.requireNonNull(shape, "shape");
    Objects.requireNonNull(values, "values");
    return Factories.of(shape, values);
  }

  /// These int32 values in this shape.
  public static Tensor ofInts(Shape shape, int... values) {
    Objects.requireNonNull(shape, "shape");
    Objects.requireNonNull(values, "values");
    return Factories.ofInts(shape, values);
  }

  /// The values of an array, or of arrays of arrays, such as a `float[][]`, in its shape: float and double become
  /// float32, int and long int32, byte U8, boolean BOOL.
  ///
  /// @throws IllegalArgumentException if it is no such array, or its rows differ in length
  public static Tensor ofArray(Object array) {
    Objects.requireNonNull(array, "array");
    return HostArrays.tensor(array);
  }

  /// What remains in a buffer of floats, ints or bytes (U8), copied; the buffer's position stays.
  ///
  /// @throws IllegalArgumentException if it is another number of elements, or not in the machine's byte order
  public static Tensor of(Shape shape, Buffer values) {
    Objects.requireNonNull(shape, "shape");
    Objects.requireNonNull(values, "values");
    return HostArrays.tensor(shape, values);
  }

  /// What a piece of memory holds, copied: elements of this type in the machine's byte order. `Parameter.over` takes
  /// memory as it is.
  ///
  /// @throws IllegalArgumentException if it has another size
  public static Tensor of(Shape shape, DType type, MemorySegment values) {
    Objects.requireNonNull(shape, "shape");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(values, "values");
    return HostArrays.tensor(shape, type, values);
  }

  /// Zeros, float32.
  public static Tensor zeros(Shape shape) {
    Objects.requireNonNull(shape, "shape");
    return Factories.full(shape, 0);
  }

  /// Ones, float32.
  public static Tensor ones(Shape shape) {
    Objects.requireNonNull(shape, "shape");
    return Factories.full(shape, 1);
  }

  /// One value everywhere, float32.
  public static Tensor full(Shape shape, float value) {
    Objects.requireNonNull(shape, "shape");
    return Factories.full(shape, value);
  }

  /// 0, 1, 2, ... as float32 `[n]`.
  public static Tensor range(int n) {
    return Factories.range(n);
  }

  /// Values from a standard normal distribution; the same seed gives the same values.
  public static Tensor normal(Shape shape, long seed) {
    Objects.requireNonNull(shape, "shape");
    return Factories.normal(shape, seed);
  }

  /// Values spread evenly over [0, 1); the same seed gives the same values.
  public static Tensor uniform(Shape shape, long seed) {
    Objects.requireNonNull(shape, "shape");
    return Factories.uniform(shape, seed);
  }

  /// Tensors joined along an axis.
  public static Tensor concat(int axis, List<Tensor> parts) {
    Objects.requireNonNull(parts, "parts");
    return Layouts.concat(axis, parts);
  }

  /// Tensors of one shape beside each other along a new axis, at this place of the result.
  public static Tensor stack(int axis, List<Tensor> parts) {
    Objects.requireNonNull(parts, "parts");
    return Layouts.stack(axis, parts);
  }

  // ---- what it is ----

  /// The sizes of the axes.
  public final Shape shape() {
    return shape;
  }

  /// The element type.
  public final DType type() {
    return type;
  }

  /// Where the memory lies.
  public final Device device() {
    return storage.backend().device();
  }

  /// The backend that computes on this memory.
  public final Backend backend() {
    return storage.backend();
  }

  /// The memory block; for who writes operations.
  public final Storage storage() {
    return storage;
  }

  /// The address of the first element, for kernels.
  ///
  /// @throws IllegalStateException if the memory has been freed, or holds a weight in a [small form][#stored]
  public final long address() {
    checkReadable();
    return storage.address() + offset;
  }

  private void checkReadable() {
    if (form != null) {
      throw new IllegalStateException(
          described()
              + " is stored as "
              + form.precision()
              + ", which only linear layers and embeddings read, and nothing trains: take its widened(), or load"
              + " the model in float32");
    }
  }

  /// The weight where it lies, if it is a parameter in a small form.
  ///
  /// @throws IllegalStateException if the memory has been freed
  public final Optional<StoredMatrix> stored() {
    return form == null ? Optional.empty() : Optional.of(form.at(storage.address()));
  }

  /// The small form that a parameter's values have, if they have one.
  public final Optional<StoredForm> form() {
    return Optional.ofNullable(form);
  }

  /// The number of elements.
  public final long elements() {
    return shape.elements();
  }

  /// Whether this is a [Parameter].
  public final boolean isParameter() {
    return this instanceof Parameter;
  }

  // ---- gradients ----

  /// Whether a backward brings a gradient here.
  public boolean requiresGradient() {
    return slot != null;
  }

  /// Asks for a gradient of this tensor, which was given and not computed; it is freed with the tensor's memory, or,
  /// where that is a parameter's, at the end of the current scope. Returns this tensor.
  ///
  /// @throws IllegalStateException if it is neither float32 nor bfloat16
  public Tensor withGradient() {
    if (type != DType.F32 && type != DType.BF16) {
      throw new IllegalStateException("no gradient reaches a tensor of type " + type);
    }
    if (slot == null) {
      GradientSlot made = GradientSlot.ofGiven(backend(), elements(), type);
      if (storage.scoped()) {
        storage.attach(made);
      } else {
        Scope.current().attach(made);
      }
      slot = made;
    }
    return this;
  }

  /// The gradient that backwards have added up, of this tensor's shape. A view: it changes with the next backward.
  ///
  /// @throws IllegalStateException if there is none yet
  public final Tensor gradient() {
    GradientSlot s = slot;
    Storage gradient = s == null || !s.filled() ? null : s.storage();
    if (s == null || gradient == null) {
      throw new IllegalStateException(
          "no gradient has arrived here: the tensor must require one and a backward must reach it");
    }
    return Op.over(gradient, 0, shape, s.type());
  }

  /// Whether a gradient has arrived.
  public final boolean hasGradient() {
    return slot != null && slot.filled();
  }

  /// Carries the gradient of this scalar back to everything that it was computed from and that
  /// requires one. Gradients of parameters are added to what they hold.
  ///
  /// @throws IllegalStateException if this is not a scalar that was recorded
  public final void backward() {
    backward(1);
  }

  /// Like [#backward()] with another gradient of this scalar, such as a weight.
  ///
  /// @throws IllegalStateException if this is not a scalar that was recorded
  public final void backward(float gradient) {
    if (elements() != 1 && slot != null) {
      throw new IllegalStateException(
          "backward starts from one element; this has shape "
              + shape
              + ": sum() it first, or give the gradient of each element");
    }
    backward(() -> full(shape, gradient));
  }

  /// Carries a gradient of this tensor, of its shape, back to everything that it was computed from.
  ///
  /// @throws IllegalStateException if this was not recorded
  /// @throws IllegalArgumentException if the gradient has another number of elements
  public final void backward(Tensor gradient) {
    Objects.requireNonNull(gradient, "gradient");
    backward(() -> gradient);
  }

  /// Like [#backward()], and hands over each of some parameters that got a gradient as soon as that is whole and nothing on the
  /// way back reads the parameter any more: it may be changed then. Its gradient is freed afterwards, so that those of all are
  /// never held at once, and lies meanwhile where what the forward made lay.
  ///
  /// @param parameters those to hand over; others gather their gradients as ever
  /// @param whole told of each, in the same order whenever the same operations were recorded
  /// @throws IllegalStateException if this is not a scalar that was recorded
  public final void backward(Collection<Parameter> parameters, Consumer<Parameter> whole) {
    Objects.requireNonNull(parameters, "parameters");
    Objects.requireNonNull(whole, "whole");
    if (slot == null || elements() != 1) {
      backward(1); // says what is wrong
      return;
    }
    Tape tape = Scope.current().tape();
    parameters.forEach(parameter -> parameter.passingGradient(true));
    try {
      Scope.unrecorded(
          () -> tape.backward(List.of(this), List.of(full(shape, 1)), parameters, whole));
    } finally {
      parameters.forEach(Parameter::freeGradient);
      parameters.forEach(parameter -> parameter.passingGradient(false));
    }
  }

  private void backward(Supplier<Tensor> gradient) {
    if (slot == null) {
      throw new IllegalStateException(
          "backward: nothing that this was computed from requires a gradient");
    }
    Tape tape = Scope.current().tape();
    Scope.unrecorded(() -> tape.backward(List.of(this), List.of(gradient.get())));
  }

  @Nullable GradientSlot slot() {
    return slot;
  }

  void type(DType other) {
    type = other;
  }

  void slot(GradientSlot made) {
    slot = made;
  }

  /// The same data in another shape of as many elements; shares memory and gradient. One size may
  /// be -1: the rest.
  ///
  /// @throws IllegalArgumentException if the number of elements differs
  public final Tensor reshape(long... dims) {
    Objects.requireNonNull(dims, "dims");
    checkReadable();
    Shape target = Layouts.reshaped(shape, dims);
    boolean shares = Scope.current().recording() && requiresGradient();
    return new Tensor(storage, offset, target, type, shares ? slot : null);
  }

  /// The same data without a way back.
  public final Tensor detach() {
    checkReadable();
    return new Tensor(storage, offset, shape, type, null);
  }

  // ---- reading ----

  /// The only element.
  ///
  /// @throws IllegalStateException if there is not exactly one
  public final float item() {
    return Reading.item(this);
  }

  /// All elements, as float32; other types are converted.
  public final float[] toFloats() {
    return Reading.floats(this);
  }

  /// Float32 elements into an array that is there already: what decoding does for every token.
  ///
  /// @param from the first element's place in row-major order
  /// @param target filled whole
  /// @throws IllegalArgumentException if this is not float32 or has fewer elements
  public final void read(long from, float[] target) {
    Objects.requireNonNull(target, "target");
    Reading.floats(this, from, target);
  }

  /// All elements of an int32, byte or boolean tensor.
  ///
  /// @throws IllegalStateException if it holds float32
  public final int[] toInts() {
    return Reading.ints(this);
  }

  /// All elements as an array of arrays, one for each axis: `toArray(float[][].class)` of a matrix. Floats and doubles
  /// are read of any type, ints, longs, bytes and booleans of one that is no float.
  ///
  /// @throws IllegalArgumentException if the array is of another depth, or of whole numbers and this of floats
  public final <T> T toArray(Class<T> type) {
    Objects.requireNonNull(type, "type");
    return HostArrays.array(this, type);
  }

  /// Copies all elements into a piece of memory of just their size, in the machine's byte order.
  ///
  /// @throws IllegalArgumentException if it has another size or can only be read
  public final void copyTo(MemorySegment target) {
    Objects.requireNonNull(target, "target");
    HostArrays.copy(this, target);
  }

  /// Copies all elements into what remains of a buffer of their type; the buffer's position stays.
  ///
  /// @throws IllegalArgumentException if it is another number of elements, of another type, or can only be read
  public final void copyTo(Buffer target) {
    Objects.requireNonNull(target, "target");
    HostArrays.copy(this, target);
  }

  /// What to call this tensor in messages: a parameter by its name, where it has one.
  public String described() {
    return "a tensor of shape " + shape;
  }

  /// Type, shape, device and values, rows under each other; of more than 1000 elements the first and last three of
  /// each axis.
  @Override
  public final String toString() {
    return Reading.describe(this);
  }

  /// The largest elements of the last axis and where they are.
  ///
  /// @param values `[..., k]`, in descending order
  /// @param indices `[..., k]`, int32
  public record TopK(Tensor values, Tensor indices) {}
}
