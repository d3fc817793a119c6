package dev.quintet.core.op;

import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.StridedCopy;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Op;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/// Other arrangements of the same elements: axes permuted, cut, joined, stretched; and casts.
public final class Layouts {
  private Layouts() {}

  /// The shape that `dims` means for as many elements as `from` has; one of them may be -1.
  public static Shape reshaped(Shape from, long... dims) {
    long[] sizes = dims.clone();
    int open = -1;
    for (int i = 0; i < sizes.length && open < 0; i++) {
      open = sizes[i] == -1 ? i : -1;
    }
    if (open >= 0) {
      sizes[open] = 1;
    }
    long known;
    try {
      known = Shape.of(sizes).elements();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("reshape: " + from + ": " + e.getMessage(), e);
    }
    if (open >= 0 && known > 0) {
      sizes[open] = from.elements() / known;
    }
    if (open >= 0 ? known <= 0 || from.elements() % known != 0 : known != from.elements()) {
      throw new IllegalArgumentException(
          "reshape: " + from + " does not fit " + Arrays.toString(dims));
    }
    return Shape.of(sizes);
  }

  /// The same elements under another shape of as many.
  static Tensor as(Tensor x, Shape shape) {
    return x.reshape(Arrays.stream(shape.dims()).asLongStream().toArray());
  }

  /// Axes in another order: axis i of the result is axis `order[i]` of x.
  public static Tensor permute(Tensor x, int... order) {
    Operands.sameDevice("permute", x);
    int rank = x.shape().rank();
    int[] axes = new int[order.length];
    boolean[] seen = new boolean[rank];
    boolean valid = order.length == rank;
    for (int i = 0; i < order.length && valid; i++) {
      axes[i] = x.shape().axis(order[i]);
      valid = !seen[axes[i]];
      seen[axes[i]] = true;
    }
    if (!valid) {
      throw new IllegalArgumentException(
          "permute: " + Arrays.toString(order) + " is no order of the axes of " + x.shape());
    }
    long[] strides = strides(x.shape());
    int[] sizes = new int[rank];
    long[] source = new long[rank];
    int[] back = new int[rank];
    for (int i = 0; i < rank; i++) {
      sizes[i] = x.shape().dim(axes[i]);
      source[i] = strides[axes[i]];
      back[axes[i]] = i;
    }
    Shape shape = Shape.of(Arrays.stream(sizes).asLongStream().toArray());
    Tensor y = Tensor.empty(shape, x.type());
    copy(sizes, source, strides(shape), x.type(), x.address(), y);
    return Op.result("permute", y).from(x).back(dy -> Op.add(x, permute(dy, back)));
  }

  /// Two axes swapped.
  public static Tensor transpose(Tensor x, int first, int second) {
    int[] order = new int[x.shape().rank()];
    Arrays.setAll(order, i -> i);
    order[x.shape().axis(first)] = x.shape().axis(second);
    order[x.shape().axis(second)] = x.shape().axis(first);
    return permute(x, order);
  }

  /// Without an axis of size 1.
  public static Tensor squeeze(Tensor x, int axis) {
    if (x.shape().dim(axis) != 1) {
      throw new IllegalArgumentException(
          "squeeze: axis "
              + axis
              + " of "
              + x.shape()
              + " has not size 1; select() picks one of its parts");
    }
    return as(x, x.shape().without(axis));
  }

  /// Without any axis of size 1.
  public static Tensor squeeze(Tensor x) {
    return x.reshape(
        Arrays.stream(x.shape().dims()).asLongStream().filter(size -> size != 1).toArray());
  }

  /// With one more axis of size 1.
  public static Tensor unsqueeze(Tensor x, int axis) {
    int rank = x.shape().rank();
    int at = axis < 0 ? axis + rank + 1 : axis;
    if (at < 0 || at > rank) {
      throw new IllegalArgumentException(
          "unsqueeze: a new axis of "
              + x.shape()
              + " stands at -"
              + (rank + 1)
              + " to "
              + rank
              + ", not "
              + axis);
    }
    long[] dims = new long[rank + 1];
    for (int i = 0; i <= rank; i++) {
      dims[i] = i == at ? 1 : x.shape().dim(i < at ? i : i - 1);
    }
    return x.reshape(dims);
  }

  /// x so many times along each axis.
  public static Tensor tile(Tensor x, int... repeats) {
    int rank = Math.max(repeats.length, x.shape().rank());
    long[] apart = new long[2 * rank];
    long[] stretched = new long[2 * rank];
    long[] joined = new long[rank];
    for (int i = 1; i <= rank; i++) {
      int size = i <= x.shape().rank() ? x.shape().dim(-i) : 1;
      int times = i <= repeats.length ? repeats[repeats.length - i] : 1;
      if (times < 0) {
        throw new IllegalArgumentException(
            "tile: counts are not negative, which those of "
                + Arrays.toString(repeats)
                + " for "
                + x.shape()
                + " are");
      }
      apart[2 * (rank - i)] = 1;
      apart[2 * (rank - i) + 1] = size;
      stretched[2 * (rank - i)] = times;
      stretched[2 * (rank - i) + 1] = size;
      joined[rank - i] = (long) times * size;
    }
    return x.reshape(apart).broadcastTo(Shape.of(stretched)).reshape(joined);
  }

  /// Tensors of one shape beside each other along a new axis.
  public static Tensor stack(int axis, List<Tensor> parts) {
    for (Tensor part : parts) {
      Objects.requireNonNull(part, "each of the parts");
      Operands.type("stack", "each part", part, parts.getFirst().type());
      Operands.shape("stack", "each part", part, parts.getFirst().shape());
    }
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("stack: there is nothing to stack");
    }
    return concat(axis, parts.stream().map(part -> unsqueeze(part, axis)).toList());
  }

  /// A bound of a slice from the front; a negative one counts from the end.
  static int bound(Tensor x, int axis, int bound) {
    return bound < 0 ? bound + x.shape().dim(axis) : bound;
  }

  /// Elements `first` to `end` of an axis; a view when nothing lies before the axis.
  public static Tensor slice(Tensor x, int axis, int first, int end) {
    Operands.sameDevice("slice", x);
    int a = x.shape().axis(axis);
    int from = bound(x, a, first);
    int to = bound(x, a, end);
    if (from < 0 || to < from || to > x.shape().dim(a)) {
      throw new IllegalArgumentException(
          "slice: " + first + " to " + end + " of axis " + axis + " of " + x.shape());
    }
    Shape shape = x.shape().withDim(a, to - from);
    long inner = x.shape().elements(a + 1, x.shape().rank());
    long start = x.address() + from * inner * x.type().bytes();
    Tensor y;
    if (x.shape().elements(0, a) == 1 || shape.elements() == 0) {
      y = Op.over(x.storage(), start - x.storage().address(), shape, x.type());
    } else {
      y = Tensor.empty(shape, x.type());
      copy(
          blocks(shape, a), blockStrides(x.shape(), a), blockStrides(shape, a), x.type(), start, y);
    }
    return Op.result("slice", y)
        .from(x)
        .back(dy -> {
          Tensor dx = Tensor.zeros(x.shape()).cast(dy.type());
          place(dy, dx, a, from);
          Op.add(x, dx);
        });
  }

  /// Writes a part over a whole in place, as a cache does; not recorded.
  public static void overwrite(Tensor whole, int axis, int from, Tensor part) {
    int a = whole.shape().axis(axis);
    Operands.type("overwrite", "the part", part, whole.type());
    Operands.sameDevice("overwrite", whole, part);
    boolean fits =
        part.shape().rank() == whole.shape().rank()
            && part.shape().withDim(a, 0).equals(whole.shape().withDim(a, 0))
            && from >= 0
            && from <= whole.shape().dim(a) - part.shape().dim(a);
    if (!fits) {
      throw Operands.mismatch(
          "overwrite", "the part fits at " + from + " of axis " + axis, whole, part);
    }
    if (Scope.current().recording() && (whole.requiresGradient() || part.requiresGradient())) {
      throw new IllegalStateException(
          "overwrite: no gradient passes through a tensor that is written in place: open a"
              + " scope with Scope.openWithoutGradients");
    }
    place(part, whole, a, from);
    whole.storage().changed();
  }

  /// Parts of these sizes along an axis.
  public static List<Tensor> split(Tensor x, int axis, int... sizes) {
    if (Arrays.stream(sizes).asLongStream().sum() != x.shape().dim(axis)) {
      throw new IllegalArgumentException(
          "split: sizes "
              + Arrays.toString(sizes)
              + " do not add up to axis "
              + axis
              + " of "
              + x.shape());
    }
    var parts = new ArrayList<Tensor>();
    int from = 0;
    for (int size : sizes) {
      parts.add(slice(x, axis, from, from + size));
      from += size;
    }
    return List.copyOf(parts);
  }

  /// Tensors joined along an axis; the gradient of each is its part.
  public static Tensor concat(int axis, List<Tensor> parts) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("concat: there is nothing to join");
    }
    for (Tensor part : parts) {
      Objects.requireNonNull(part, "each of the parts");
    }
    Tensor first = parts.getFirst();
    int a = first.shape().axis(axis);
    long total = 0;
    for (Tensor part : parts) {
      Operands.type("concat", "each part", part, first.type());
      boolean fits = part.shape().rank() == first.shape().rank();
      if (!fits || !part.shape().withDim(a, 0).equals(first.shape().withDim(a, 0))) {
        throw Operands.mismatch("concat", "parts differ in axis " + axis + " alone", first, part);
      }
      total += part.shape().dim(a);
    }
    Operands.sameDevice("concat", parts.toArray(Tensor[]::new));
    int size = Operands.size("concat", "the joined axis", total);
    Tensor y = Tensor.empty(first.shape().withDim(a, size), first.type());
    int from = 0;
    for (Tensor part : parts) {
      place(part, y, a, from);
      from += part.shape().dim(a);
    }
    return Op.result("concat", y)
        .from(parts)
        .back(dy -> {
          int at = 0;
          for (Tensor part : parts) {
            int end = at + part.shape().dim(a);
            if (part.requiresGradient()) {
              Op.add(part, slice(dy, a, at, end));
            }
            at = end;
          }
        });
  }

  /// x repeated to a shape that it broadcasts to; x itself where the shape is its own.
  public static Tensor broadcastTo(Tensor x, Shape shape) {
    if (x.shape().equals(shape)) {
      return x;
    }
    if (!Shape.broadcast(x.shape(), shape).equals(shape)) {
      throw new IllegalArgumentException(
          "broadcastTo: " + x.shape() + " does not stretch to " + shape);
    }
    Operands.sameDevice("broadcastTo", x);
    int rank = shape.rank();
    long[] own = strides(x.shape());
    long[] source = new long[rank];
    for (int i = 1; i <= x.shape().rank(); i++) {
      source[rank - i] = x.shape().dim(-i) == 1 ? 0 : own[own.length - i];
    }
    Tensor y = Tensor.empty(shape, x.type());
    copy(shape.dims(), source, strides(shape), x.type(), x.address(), y);
    return Op.result("broadcastTo", y).from(x).back(dy -> Broadcasts.addReduced(x, dy));
  }

  /// Another element type. Between float32 and bfloat16 the gradient passes as it is.
  public static Tensor cast(Tensor x, DType target) {
    if (x.type() == target) {
      return x;
    }
    Operands.sameDevice("cast", x);
    Tensor y = Tensor.empty(x.shape(), target);
    x.backend().layout().cast(x.type(), target, x.address(), y.address(), x.elements());
    if (x.type() == DType.F32 && target == DType.BF16
        || x.type() == DType.BF16 && target == DType.F32) {
      return Op.result("cast", y).from(x).back(dy -> Op.add(x, dy));
    }
    return y;
  }

  /// The same values on another device; x itself where it lies there. The gradient comes back to where x lies.
  public static Tensor to(Tensor x, Device device) {
    if (x.device().equals(device)) {
      return x;
    }
    Tensor y = Scope.current().empty(x.shape(), x.type(), Backends.of(device));
    long bytes = x.type().bytes(x.elements());
    x.backend().memory().copyTo(x.address(), y.backend().memory(), y.address(), bytes);
    return Op.result("to", y).from(x).back(dy -> Op.add(x, to(dy, x.device())));
  }

  /// Copies `part` into `whole` from this place of the axis on.
  private static void place(Tensor part, Tensor whole, int axis, int from) {
    long inner = whole.shape().elements(axis + 1, whole.shape().rank());
    long offset = from * inner * whole.type().bytes();
    if (part.elements() > 0) {
      whole
          .backend()
          .layout()
          .copy(
              new StridedCopy(
                  blocks(part.shape(), axis),
                  blockStrides(part.shape(), axis),
                  blockStrides(whole.shape(), axis)),
              part.type().bytes(),
              part.address(),
              whole.address() + offset);
    }
  }

  /// A tensor seen as [outer, axis, inner].
  private static int[] blocks(Shape shape, int axis) {
    return new int[] {
      Operands.size("copy", "the axes before axis " + axis, shape.elements(0, axis)),
      shape.dim(axis),
      Operands.size("copy", "the axes behind axis " + axis, shape.elements(axis + 1, shape.rank()))
    };
  }

  private static long[] blockStrides(Shape shape, int axis) {
    long inner = shape.elements(axis + 1, shape.rank());
    return new long[] {inner * shape.dim(axis), inner, 1};
  }

  private static void copy(
      int[] sizes, long[] source, long[] target, DType type, long from, Tensor to) {
    boolean scalar = sizes.length == 0;
    if (to.elements() > 0) {
      StridedCopy copy =
          scalar
              ? new StridedCopy(new int[] {1}, new long[] {1}, new long[] {1})
              : new StridedCopy(sizes, source, target);
      to.backend().layout().copy(copy, type.bytes(), from, to.address());
    }
  }

  private static long[] strides(Shape shape) {
    long[] strides = new long[shape.rank()];
    long step = 1;
    for (int i = strides.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= shape.dim(i);
    }
    return strides;
  }
}
