package dev.quintet.core.op;

import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.LayoutKernels.Gather;
import dev.quintet.core.backend.StoredMatrix;
import dev.quintet.core.backend.Widened;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Op;
import dev.quintet.core.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// Elements picked by an index, and sums scattered to one.
public final class Indexing {
  private Indexing() {}

  /// Rows of a table by ids; the gradient of each row is the sum over its ids.
  public static Tensor rows(Tensor table, Tensor ids) {
    Operands.type("rows", "the ids", ids, DType.I32);
    Operands.real("rows", table);
    Operands.sameDevice("rows", table, ids);
    if (table.shape().rank() < 1) {
      throw new IllegalArgumentException("rows: the table must have an axis of rows");
    }
    int count = Operands.size("rows", "the ids", ids.elements());
    long[] dims =
        LongStream.concat(
                Arrays.stream(ids.shape().dims()).asLongStream(),
                Arrays.stream(table.shape().dims()).asLongStream().skip(1))
            .toArray();
    Tensor y = Tensor.empty(Shape.of(dims), table.type());
    Optional<StoredMatrix> small = table.stored();
    if (small.isPresent()) {
      table.backend().stored().rows(small.get(), count, ids.address(), y.address());
      return y;
    }
    long width = table.shape().elements(1, table.shape().rank());
    Gather gather = Gather.rows(table.shape().dim(0), count, width, table.type());
    var kernels = table.backend().layout();
    kernels.gather(gather, table.address(), ids.address(), y.address());
    return Op.result("rows", y)
        .from(table)
        .saves(ids)
        .back(dy -> {
          try (var widened = new Widened(table.backend())) {
            Gradient sums = Operands.weightGradient(widened, table);
            if (!sums.add()) {
              table.backend().memory().zero(sums.address(), DType.F32.bytes(table.elements()));
            }
            kernels.scatterAdd(gather, dy.address(), ids.address(), sums.address());
          }
        });
  }

  /// The part at one place of an axis.
  public static Tensor select(Tensor x, int axis, int index) {
    int place = place("select", x, axis, index);
    return Layouts.as(Layouts.slice(x, axis, place, place + 1), x.shape().without(axis));
  }

  /// The part at these places of the leading axes.
  public static Tensor get(Tensor x, int... index) {
    if (index.length > x.shape().rank()) {
      throw new IllegalArgumentException(
          "get: " + index.length + " places of a tensor of shape " + x.shape());
    }
    Tensor part = x;
    for (int each : index) {
      int place = place("get", part, 0, each);
      part = Layouts.as(Layouts.slice(part, 0, place, place + 1), part.shape().without(0));
    }
    return part;
  }

  /// A place of an axis from the front; a negative one counts from the end.
  private static int place(String operation, Tensor x, int axis, int index) {
    int size = x.shape().dim(axis);
    if (index < -size || index >= size) {
      throw new IndexOutOfBoundsException(
          operation + ": place " + index + " of axis " + axis + " of " + x.shape());
    }
    return index < 0 ? index + size : index;
  }

  /// The parts of an axis that an index lists; the gradient of each is the sum over its places.
  public static Tensor select(String name, Tensor x, int axis, Tensor index) {
    int a = x.shape().axis(axis);
    if (x.type() == DType.BOOL) {
      return select(name, x.cast(DType.I32), a, index).ne(0);
    }
    if (x.type() == DType.BF16) {
      return Operands.widened(x, wide -> select(name, wide, a, index));
    }
    Operands.type(name, "the index", index, DType.I32);
    if (x.type() != DType.I32) {
      Operands.floats(name, x);
    }
    Operands.sameDevice(name, x, index);
    if (index.shape().rank() != 1) {
      throw Operands.mismatch(name, "the index has one axis", x, index);
    }
    Shape shape = x.shape();
    int count = index.shape().dim(0);
    Tensor y = Tensor.empty(shape.withDim(a, count), x.type());
    var kernels = x.backend().layout();
    Gather gather =
        new Gather(
            shape.elements(0, a),
            shape.dim(a),
            count,
            shape.elements(a + 1, shape.rank()),
            true,
            false);
    if (y.elements() > 0) {
      kernels.gather(gather, x.address(), index.address(), y.address());
    }
    return Op.result(name, y)
        .from(x)
        .saves(index)
        .back(dy -> {
          Tensor dx = Tensor.zeros(shape);
          if (dy.elements() > 0) {
            kernels.scatterAdd(gather, dy.address(), index.address(), dx.address());
          }
          Op.add(x, dx);
        });
  }

  /// Every step-th part of an axis.
  public static Tensor slice(Tensor x, int axis, int start, int end, int step) {
    int from = Layouts.bound(x, axis, start);
    int to = Layouts.bound(x, axis, end);
    if (step < 1 || from < 0 || to < from || to > x.shape().dim(axis)) {
      throw new IllegalArgumentException(
          "slice: "
              + start
              + " to "
              + end
              + " by steps of "
              + step
              + " of axis "
              + axis
              + " of "
              + x.shape()
              + (step < 1 ? "; steps are at least 1, and flip() goes backwards" : ""));
    }
    int count = (int) (((long) to - from + step - 1) / step);
    if (step == 1 || x.elements() == 0) {
      return Layouts.slice(x, axis, from, from + count);
    }
    return select("slice", x, axis, places(IntStream.range(0, count).map(i -> from + i * step)));
  }

  /// The parts of an axis in reverse order.
  public static Tensor flip(Tensor x, int axis) {
    int size = x.shape().dim(axis);
    if (x.elements() == 0) {
      return x;
    }
    return select("flip", x, axis, places(IntStream.range(0, size).map(i -> size - 1 - i)));
  }

  private static Tensor places(IntStream places) {
    int[] all = places.toArray();
    return Tensor.ofInts(Shape.of(all.length), all);
  }

  /// 1 at the place of each number, 0 elsewhere.
  public static Tensor oneHot(Tensor x, int classes) {
    Operands.type("oneHot", "the numbers", x, DType.I32);
    if (classes < 0) {
      throw new IllegalArgumentException("oneHot: " + classes + " classes");
    }
    Tensor column = x.unsqueeze(-1);
    Tensor zeros = Tensor.zeros(column.shape().withDim(-1, classes));
    return scatterAdd(zeros, -1, column, Tensor.ones(column.shape()));
  }

  /// Elements along an axis by an index of the same rank.
  public static Tensor gather(Tensor x, int axis, Tensor index) {
    int a = x.shape().axis(axis);
    if (x.type() == DType.BF16) {
      return Operands.widened(x, wide -> gather(wide, a, index));
    }
    Gather gather = elementwise("gather", x, a, index);
    Tensor y = Tensor.empty(index.shape(), DType.F32);
    x.backend().layout().gather(gather, x.address(), index.address(), y.address());
    return Op.result("gather", y)
        .from(x)
        .saves(index)
        .back(dy -> Op.add(x, scatterAdd(Tensor.zeros(x.shape()), a, index, dy)));
  }

  /// x with updates added at an index; the updates' gradient is gathered from the same places.
  public static Tensor scatterAdd(Tensor x, int axis, Tensor index, Tensor updates) {
    int a = x.shape().axis(axis);
    if (x.type() == DType.BF16 && updates.type() == DType.BF16) {
      return Operands.widened(x, wide -> scatterAdd(wide, a, index, updates.cast(DType.F32)));
    }
    Gather gather = elementwise("scatterAdd", x, a, index);
    Operands.floats("scatterAdd", x, updates);
    Operands.shape("scatterAdd", "the updates", updates, index.shape());
    Tensor y = Tensor.empty(x.shape(), DType.F32);
    x.backend().memory().copy(x.address(), y.address(), x.type().bytes(x.elements()));
    x.backend().layout().scatterAdd(gather, updates.address(), index.address(), y.address());
    return Op.result("scatterAdd", y)
        .from(x, updates)
        .saves(index)
        .back(dy -> {
          Op.add(x, dy);
          if (updates.requiresGradient()) {
            Op.add(updates, gather(dy, a, index));
          }
        });
  }

  private static Gather elementwise(String name, Tensor x, int axis, Tensor index) {
    Operands.floats(name, x);
    Operands.type(name, "the index", index, DType.I32);
    Operands.sameDevice(name, x, index);
    boolean fits = index.shape().rank() == x.shape().rank();
    if (!fits || !index.shape().withDim(axis, 0).equals(x.shape().withDim(axis, 0))) {
      throw Operands.mismatch(
          name, "the index has the shape of the operand but for axis " + axis, x, index);
    }
    Shape shape = x.shape();
    return new Gather(
        shape.elements(0, axis),
        shape.dim(axis),
        index.shape().dim(axis),
        shape.elements(axis + 1, shape.rank()),
        false,
        true);
  }
}
