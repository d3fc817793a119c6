package dev.quintet.core.tensor;

import dev.quintet.core.op.Indexing;
import dev.quintet.core.op.Layouts;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import java.util.List;
import java.util.Objects;

/// How a [Tensor] picks and arranges its elements: parts, other orders of axes, what an index finds.
///
/// Negative axes and places count from the end.
public sealed interface Arranging permits Tensor {

  /// The axes in another order; copies.
  default Tensor permute(int... order) {
    Objects.requireNonNull(order, "order");
    return Layouts.permute(self(), order);
  }

  /// Two axes swapped; copies.
  default Tensor transpose(int first, int second) {
    return Layouts.transpose(self(), first, second);
  }

  /// Without an axis of size 1; a view.
  ///
  /// @throws IllegalArgumentException if its size is another
  default Tensor squeeze(int axis) {
    return Layouts.squeeze(self(), axis);
  }

  /// Without any axis of size 1; a view.
  default Tensor squeeze() {
    return Layouts.squeeze(self());
  }

  /// With one more axis, of size 1, at this place of the result; a view.
  default Tensor unsqueeze(int axis) {
    return Layouts.unsqueeze(self(), axis);
  }

  /// The part at these places of the leading axes, which are dropped; a view. `x.get(i, j).item()` reads an element.
  ///
  /// @throws IndexOutOfBoundsException if there is no such place
  default Tensor get(int... index) {
    Objects.requireNonNull(index, "index");
    return Indexing.get(self(), index);
  }

  /// The part at one place of an axis, which is dropped; a view when it is the leading one.
  ///
  /// @throws IndexOutOfBoundsException if there is no such place
  default Tensor select(int axis, int index) {
    return Indexing.select(self(), axis, index);
  }

  /// Elements from `from` on to the end of an axis; the last ones where `from` is negative.
  default Tensor slice(int axis, int from) {
    return slice(axis, from, self().shape().dim(axis));
  }

  /// Elements `from` (inclusive) to `to` (exclusive) of an axis; a view when it is the leading one.
  default Tensor slice(int axis, int from, int to) {
    return Layouts.slice(self(), axis, from, to);
  }

  /// Every `step`-th element from `from` (inclusive) to `to` (exclusive) of an axis; copies. [#flip] goes backwards.
  ///
  /// @param step at least 1
  default Tensor slice(int axis, int from, int to, int step) {
    return Indexing.slice(self(), axis, from, to, step);
  }

  /// The elements of an axis in reverse order; copies.
  default Tensor flip(int axis) {
    return Indexing.flip(self(), axis);
  }

  /// This tensor so many times along each axis; further counts stand for axes in front. Copies.
  default Tensor tile(int... repeats) {
    Objects.requireNonNull(repeats, "repeats");
    return Layouts.tile(self(), repeats);
  }

  /// Parts of these sizes along an axis.
  default List<Tensor> split(int axis, int... sizes) {
    Objects.requireNonNull(sizes, "sizes");
    return Layouts.split(self(), axis, sizes);
  }

  /// Writes `part` over elements `from` and following of an axis, in place: for caches, where nothing is recorded.
  ///
  /// @throws IllegalStateException if a gradient is required of either
  default void overwrite(int axis, int from, Tensor part) {
    Objects.requireNonNull(part, "part");
    Layouts.overwrite(self(), axis, from, part);
  }

  /// Stretched to a shape it broadcasts to; copies.
  default Tensor broadcastTo(Shape target) {
    Objects.requireNonNull(target, "target");
    return Layouts.broadcastTo(self(), target);
  }

  /// The same values on another device; this tensor itself where it lies there. A gradient comes back to this device.
  ///
  /// @throws dev.quintet.core.backend.DeviceUnavailableException if the device cannot be used
  default Tensor to(Device target) {
    Objects.requireNonNull(target, "target");
    return Layouts.to(self(), target);
  }

  /// Converted to another type; no gradient passes but between float32 and bfloat16.
  default Tensor cast(DType target) {
    Objects.requireNonNull(target, "target");
    return Layouts.cast(self(), target);
  }

  /// Rows of this table `[V, ...]` by int32 ids of any shape: `[ids..., ...]`, as an embedding does.
  ///
  /// @throws IndexOutOfBoundsException if an id is not a row
  default Tensor rows(Tensor ids) {
    Objects.requireNonNull(ids, "ids");
    return Indexing.rows(self(), ids);
  }

  /// The parts of an axis at the places that an int32 index `[n]` lists; of any axis what [#rows] is of the first.
  ///
  /// @throws IndexOutOfBoundsException if an index is outside the axis
  default Tensor indexSelect(int axis, Tensor index) {
    Objects.requireNonNull(index, "index");
    return Indexing.select("indexSelect", self(), axis, index);
  }

  /// For int32 numbers below `classes`, of any shape, rows of float32 that are 1 at that place and 0 elsewhere:
  /// `[..., classes]`.
  ///
  /// @throws IndexOutOfBoundsException if a number is not from 0 to below `classes`
  default Tensor oneHot(int classes) {
    return Indexing.oneHot(self(), classes);
  }

  /// Elements along an axis by an int32 index of the same rank, whose other axes equal this tensor's.
  ///
  /// @throws IndexOutOfBoundsException if an index is outside the axis
  default Tensor gather(int axis, Tensor index) {
    Objects.requireNonNull(index, "index");
    return Indexing.gather(self(), axis, index);
  }

  /// This tensor with `updates` added at an int32 index along an axis; equal indices add up.
  ///
  /// @throws IndexOutOfBoundsException if an index is outside the axis
  default Tensor scatterAdd(int axis, Tensor index, Tensor updates) {
    Objects.requireNonNull(index, "index");
    Objects.requireNonNull(updates, "updates");
    return Indexing.scatterAdd(self(), axis, index, updates);
  }

  private Tensor self() {
    return (Tensor) this;
  }
}
