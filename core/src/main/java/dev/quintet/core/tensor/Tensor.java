package dev.quintet.core.tensor;

import dev.quintet.core.autograd.GradientSlot;
import dev.quintet.core.autograd.Tape;
import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.ElementwiseKernels.Binary;
import dev.quintet.core.backend.ElementwiseKernels.Comparison;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.ReductionKernels.Reduction;
import dev.quintet.core.op.Attentions;
import dev.quintet.core.op.Dropouts;
import dev.quintet.core.op.Elementwise;
import dev.quintet.core.op.Factories;
import dev.quintet.core.op.Indexing;
import dev.quintet.core.op.Layouts;
import dev.quintet.core.op.Losses;
import dev.quintet.core.op.Norms;
import dev.quintet.core.op.Products;
import dev.quintet.core.op.Reading;
import dev.quintet.core.op.Reductions;
import dev.quintet.core.op.Selections;
import dev.quintet.core.op.Softmaxes;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// An array of numbers in a device's memory: contiguous, row-major, of any rank.
///
/// Operations are methods that return new tensors; each belongs to the innermost [Scope]. Operands are
/// float32 unless a method says otherwise, lie on one device, and are checked: an
/// [IllegalArgumentException] names the operation, what was expected and what came. Using a freed
/// tensor throws [IllegalStateException]. Negative axes count from the end. What each operation computes,
/// and how its gradient goes back, stands in `dev.quintet.core.op`, one file a family.
public sealed class Tensor permits Parameter {
  private final Storage storage;
  private final long offset;
  private final Shape shape;
  private final DType type;
  private @Nullable GradientSlot slot;

  Tensor(Storage storage, long offset, Shape shape, DType type, @Nullable GradientSlot slot) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.type = type;
    this.slot = slot;
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
  /// @throws IllegalStateException if the memory has been freed
  public final long address() {
    return storage.address() + offset;
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

  void slot(GradientSlot made) {
    slot = made;
  }

  /// The same data in another shape of as many elements; shares memory and gradient. One size may
  /// be -1: the rest.
  ///
  /// @throws IllegalArgumentException if the number of elements differs
  public final Tensor reshape(long... dims) {
    Objects.requireNonNull(dims, "dims");
    Shape target = Layouts.reshaped(shape, dims);
    boolean shares = Scope.current().recording() && requiresGradient();
    return new Tensor(storage, offset, target, type, shares ? slot : null);
  }

  /// The same data without a way back.
  public final Tensor detach() {
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

  // ---- element by element ----

  /// x + y, with broadcasting.
  public final Tensor add(Tensor y) {
    Objects.requireNonNull(y, "y");
    return Elementwise.binary(Binary.ADD, this, y);
  }

  /// x + y
  public final Tensor add(float y) {
    return Elementwise.unary(Unary.ADD_SCALAR, y, this);
  }

  /// x - y, with broadcasting.
  public final Tensor subtract(Tensor y) {
    Objects.requireNonNull(y, "y");
    return Elementwise.binary(Binary.SUBTRACT, this, y);
  }

  /// x - y
  public final Tensor subtract(float y) {
    return add(-y);
  }

  /// x y, with broadcasting.
  public final Tensor multiply(Tensor y) {
    Objects.requireNonNull(y, "y");
    return Elementwise.binary(Binary.MULTIPLY, this, y);
  }

  /// x y
  public final Tensor multiply(float y) {
    return Elementwise.unary(Unary.MULTIPLY_SCALAR, y, this);
  }

  /// x / y, with broadcasting.
  public final Tensor divide(Tensor y) {
    Objects.requireNonNull(y, "y");
    return Elementwise.binary(Binary.DIVIDE, this, y);
  }

  /// x / y
  public final Tensor divide(float y) {
    return multiply(1 / y);
  }

  /// The larger of x and y, with broadcasting; equal operands share the gradient.
  public final Tensor maximum(Tensor y) {
    Objects.requireNonNull(y, "y");
    return Elementwise.binary(Binary.MAXIMUM, this, y);
  }

  /// The smaller of x and y, with broadcasting; equal operands share the gradient.
  public final Tensor minimum(Tensor y) {
    Objects.requireNonNull(y, "y");
    return Elementwise.binary(Binary.MINIMUM, this, y);
  }

  /// x held between two bounds.
  public final Tensor clamp(float lowest, float highest) {
    return unary(Unary.MAXIMUM_SCALAR, lowest).unary(Unary.MINIMUM_SCALAR, highest);
  }

  /// x to a power.
  public final Tensor power(float exponent) {
    return unary(Unary.POWER, exponent);
  }

  /// -x
  public final Tensor negate() {
    return unary(Unary.NEGATE, 0);
  }

  /// |x|
  public final Tensor abs() {
    return unary(Unary.ABS, 0);
  }

  /// e^x
  public final Tensor exp() {
    return unary(Unary.EXP, 0);
  }

  /// ln x
  public final Tensor log() {
    return unary(Unary.LOG, 0);
  }

  /// The square root.
  public final Tensor sqrt() {
    return unary(Unary.SQRT, 0);
  }

  /// 1 / sqrt(x)
  public final Tensor rsqrt() {
    return unary(Unary.RSQRT, 0);
  }

  /// 1 / x
  public final Tensor reciprocal() {
    return unary(Unary.RECIPROCAL, 0);
  }

  /// x²
  public final Tensor square() {
    return unary(Unary.SQUARE, 0);
  }

  /// The hyperbolic tangent.
  public final Tensor tanh() {
    return unary(Unary.TANH, 0);
  }

  /// 1 / (1 + e^-x)
  public final Tensor sigmoid() {
    return unary(Unary.SIGMOID, 0);
  }

  /// max(x, 0)
  public final Tensor relu() {
    return unary(Unary.RELU, 0);
  }

  /// x sigmoid(x) (Elfwing et al., arXiv 1702.03118).
  public final Tensor silu() {
    return unary(Unary.SILU, 0);
  }

  /// GELU in its tanh form (Hendrycks and Gimpel, arXiv 1606.08415), T5's "gelu_new".
  public final Tensor geluTanh() {
    return unary(Unary.GELU_TANH, 0);
  }

  /// GELU with the error function.
  public final Tensor geluErf() {
    return unary(Unary.GELU_ERF, 0);
  }

  /// Any function of one argument, with its parameter.
  public final Tensor unary(Unary function, float parameter) {
    Objects.requireNonNull(function, "function");
    return Elementwise.unary(function, parameter, this);
  }

  /// The truth of a relation with y, with broadcasting; both float32 or both int32.
  public final Tensor compare(Comparison relation, Tensor y) {
    Objects.requireNonNull(relation, "relation");
    Objects.requireNonNull(y, "y");
    return Elementwise.compare(relation, this, y);
  }

  /// x where this boolean tensor holds, y elsewhere; with broadcasting.
  public final Tensor where(Tensor x, Tensor y) {
    Objects.requireNonNull(x, "x");
    Objects.requireNonNull(y, "y");
    return Elementwise.where(this, x, y);
  }

  // ---- along axes ----

  /// The sum of all elements: a scalar.
  public final Tensor sum() {
    return Reductions.all(Reduction.SUM, this);
  }

  /// The sum along an axis, which is kept with size 1 or dropped.
  public final Tensor sum(int axis, boolean keep) {
    return Reductions.reduce(Reduction.SUM, this, axis, keep);
  }

  /// The mean of all elements: a scalar.
  public final Tensor mean() {
    return sum().multiply(1f / elements());
  }

  /// The mean along an axis.
  public final Tensor mean(int axis, boolean keep) {
    return sum(axis, keep).multiply(1f / shape.dim(axis));
  }

  /// The largest along an axis; equals share the gradient.
  public final Tensor max(int axis, boolean keep) {
    return Reductions.reduce(Reduction.MAX, this, axis, keep);
  }

  /// The smallest along an axis; equals share the gradient.
  public final Tensor min(int axis, boolean keep) {
    return Reductions.reduce(Reduction.MIN, this, axis, keep);
  }

  /// Where the last axis is largest, int32; the first of equals.
  public final Tensor argMax() {
    return Selections.argMax(this);
  }

  /// The k largest of the last axis, in descending order, with their places.
  public final TopK topK(int k) {
    return Selections.topK(this, k);
  }

  /// The running sum along an axis.
  public final Tensor cumulativeSum(int axis) {
    return Reductions.cumulativeSum(this, axis);
  }

  /// Softmax along the last axis.
  public final Tensor softmax() {
    return Softmaxes.softmax(this);
  }

  /// The logarithm of the softmax along the last axis.
  public final Tensor logSoftmax() {
    return Softmaxes.logSoftmax(this);
  }

  // ---- products ----

  /// The matrix product: `[..., M, K]` by `[..., K, N]` gives `[..., M, N]`; leading axes broadcast.
  public final Tensor matmul(Tensor y) {
    Objects.requireNonNull(y, "y");
    return Products.matmul(this, y, false);
  }

  /// The matrix product with a transposed second operand: `[..., M, K]` by `[..., N, K]`.
  public final Tensor matmulTransposed(Tensor y) {
    Objects.requireNonNull(y, "y");
    return Products.matmul(this, y, true);
  }

  /// x Wᵀ for a weight `[N, K]`, as a linear layer does: `[..., K]` gives `[..., N]`.
  public final Tensor linear(Tensor weight) {
    Objects.requireNonNull(weight, "weight");
    return Products.linear(this, weight);
  }

  /// [#linear] with several weights of one shape, in one operation.
  public final List<Tensor> linearEach(List<? extends Tensor> weights) {
    Objects.requireNonNull(weights, "weights");
    return Products.linearEach("linearEach", this, List.copyOf(weights));
  }

  // ---- layout ----

  /// The axes in another order; copies.
  public final Tensor permute(int... order) {
    Objects.requireNonNull(order, "order");
    return Layouts.permute(this, order);
  }

  /// Two axes swapped; copies.
  public final Tensor transpose(int first, int second) {
    return Layouts.transpose(this, first, second);
  }

  /// Elements `from` (inclusive) to `to` (exclusive) of an axis; a view when it is the leading one.
  public final Tensor slice(int axis, int from, int to) {
    return Layouts.slice(this, axis, from, to);
  }

  /// Parts of these sizes along an axis.
  public final List<Tensor> split(int axis, int... sizes) {
    Objects.requireNonNull(sizes, "sizes");
    return Layouts.split(this, axis, sizes);
  }

  /// Writes `part` over elements `from` and following of an axis, in place: for caches, where nothing is recorded.
  ///
  /// @throws IllegalStateException if a gradient is required of either
  public final void overwrite(int axis, int from, Tensor part) {
    Objects.requireNonNull(part, "part");
    Layouts.overwrite(this, axis, from, part);
  }

  /// Tensors joined along an axis.
  public static Tensor concat(int axis, List<Tensor> parts) {
    Objects.requireNonNull(parts, "parts");
    return Layouts.concat(axis, parts);
  }

  /// Stretched to a shape it broadcasts to; copies.
  public final Tensor broadcastTo(Shape target) {
    Objects.requireNonNull(target, "target");
    return Layouts.broadcastTo(this, target);
  }

  /// The same values on another device; this tensor itself where it lies there. A gradient comes back to this device.
  ///
  /// @throws dev.quintet.core.backend.DeviceUnavailableException if the device cannot be used
  public final Tensor to(Device target) {
    Objects.requireNonNull(target, "target");
    return Layouts.to(this, target);
  }

  /// Converted to another type; no gradient passes but between float32 and bfloat16.
  public final Tensor cast(DType target) {
    Objects.requireNonNull(target, "target");
    return Layouts.cast(this, target);
  }

  // ---- indexing ----

  /// Rows of this table `[V, ...]` by int32 ids of any shape: `[ids..., ...]`, as an embedding does.
  ///
  /// @throws IndexOutOfBoundsException if an id is not a row
  public final Tensor rows(Tensor ids) {
    Objects.requireNonNull(ids, "ids");
    return Indexing.rows(this, ids);
  }

  /// Elements along an axis by an int32 index of the same rank, whose other axes equal this tensor's.
  ///
  /// @throws IndexOutOfBoundsException if an index is outside the axis
  public final Tensor gather(int axis, Tensor index) {
    Objects.requireNonNull(index, "index");
    return Indexing.gather(this, axis, index);
  }

  /// This tensor with `updates` added at an int32 index along an axis; equal indices add up.
  ///
  /// @throws IndexOutOfBoundsException if an index is outside the axis
  public final Tensor scatterAdd(int axis, Tensor index, Tensor updates) {
    Objects.requireNonNull(index, "index");
    Objects.requireNonNull(updates, "updates");
    return Indexing.scatterAdd(this, axis, index, updates);
  }

  // ---- layers ----

  /// RMS norm over the last axis with a weight `[D]` (Zhang and Sennrich, arXiv 1910.07467).
  public final Tensor rmsNorm(Tensor weight, float epsilon) {
    Objects.requireNonNull(weight, "weight");
    return Norms.rmsNorm(this, weight, epsilon);
  }

  /// Layer norm over the last axis with a weight `[D]` and a bias `[D]` (Ba et al., arXiv 1607.06450).
  public final Tensor layerNorm(Tensor weight, Tensor bias, float epsilon) {
    Objects.requireNonNull(weight, "weight");
    Objects.requireNonNull(bias, "bias");
    return Norms.layerNorm(this, weight, bias, epsilon);
  }

  /// The residual sum around a sub-layer and the RMS norm with which the next one begins.
  ///
  /// @return this + dropout(branch), and its norm over the last axis with a weight `[D]`
  public final List<Tensor> residualNorm(
      Tensor branch, DropoutMask mask, Tensor weight, float epsilon) {
    Objects.requireNonNull(branch, "branch");
    Objects.requireNonNull(mask, "mask");
    Objects.requireNonNull(weight, "weight");
    return Norms.residualNorm(this, branch, mask, weight, epsilon);
  }

  /// f(this) up, the gate of a gated feed-forward layer (Shazeer, arXiv 2002.05202).
  public final Tensor gate(Unary activation, Tensor up) {
    Objects.requireNonNull(activation, "activation");
    Objects.requireNonNull(up, "up");
    return gate(activation, up, DropoutMask.NONE);
  }

  /// dropout(f(this) up): what a gated feed-forward layer hands to its last product.
  public final Tensor gate(Unary activation, Tensor up, DropoutMask mask) {
    Objects.requireNonNull(activation, "activation");
    Objects.requireNonNull(up, "up");
    Objects.requireNonNull(mask, "mask");
    return Elementwise.gate(activation, this, up, mask);
  }

  /// Dropout; the leading axis is the row.
  public final Tensor dropout(DropoutMask mask) {
    Objects.requireNonNull(mask, "mask");
    return Dropouts.dropout(this, mask);
  }

  /// this + dropout(branch): the residual sum around a sub-layer; the leading axis is the row.
  public final Tensor residual(Tensor branch, DropoutMask mask) {
    Objects.requireNonNull(branch, "branch");
    Objects.requireNonNull(mask, "mask");
    return Dropouts.residual(this, branch, mask);
  }

  /// Attention of queries `[B, T, H, K]` over keys and values `[B, S, H, K]`; see [AttentionOptions].
  public final Tensor attention(Tensor keys, Tensor values, AttentionOptions options) {
    Objects.requireNonNull(keys, "keys");
    Objects.requireNonNull(values, "values");
    Objects.requireNonNull(options, "options");
    return Attentions.attention(this, keys, values, options);
  }

  /// The mean cross entropy of logits `[..., V]` with int32 labels `[...]`, of which -100 does not count. 0 if none
  /// counts.
  public final Tensor crossEntropy(Tensor labels) {
    Objects.requireNonNull(labels, "labels");
    return Losses.crossEntropy(this, labels, CrossEntropyOptions.MEAN);
  }

  /// The cross entropy of logits `[..., V]` with int32 labels `[...]`.
  public final Tensor crossEntropy(Tensor labels, CrossEntropyOptions options) {
    Objects.requireNonNull(labels, "labels");
    Objects.requireNonNull(options, "options");
    return Losses.crossEntropy(this, labels, options);
  }

  /// The cross entropy of logits x Wᵀ for a weight `[V, D]`, of x `[..., D]` with int32 labels `[...]`. The logits of
  /// all rows are never held.
  public final Tensor linearCrossEntropy(
      Tensor weight, Tensor labels, CrossEntropyOptions options) {
    Objects.requireNonNull(weight, "weight");
    Objects.requireNonNull(labels, "labels");
    Objects.requireNonNull(options, "options");
    return Losses.linearCrossEntropy(this, weight, labels, options);
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
