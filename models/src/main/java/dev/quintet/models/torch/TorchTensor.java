package dev.quintet.models.torch;

import dev.quintet.core.io.SafetensorsType;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// A tensor of a PyTorch file: a strided window into a storage, which others may look into too.
///
/// @param type of its elements
/// @param dims sizes of its axes, outermost first
/// @param strides elements from one index to the next, for each axis
/// @param offset of its first element in the storage, in elements
/// @param storage the storage's name in the file: tensors with one name share memory
/// @param memory the storage's bytes, little-endian, part of the mapped file
public record TorchTensor(
    SafetensorsType type,
    List<Long> dims,
    List<Long> strides,
    long offset,
    String storage,
    MemorySegment memory) {

  /// Copies the lists.
  public TorchTensor {
    dims = List.copyOf(dims);
    strides = List.copyOf(strides);
  }

  /// The number of elements.
  public long elements() {
    return dims.stream().reduce(1L, (a, b) -> a * b);
  }

  /// The bytes of its elements.
  public long bytes() {
    return type.bytes(elements());
  }

  /// Whether its elements lie in a row, in order.
  public boolean contiguous() {
    long expected = 1;
    for (int axis = dims.size() - 1; axis >= 0; axis--) {
      if (dims.get(axis) > 1 && strides.get(axis) != expected) {
        return false;
      }
      expected *= dims.get(axis);
    }
    return true;
  }

  /// What tells the elements that it shows from others of its file: equal for two names of one tensor.
  public String window() {
    String order = contiguous() ? "" : " by " + strides;
    return storage + "/" + offset + "/" + type + dims + order;
  }

  /// The elements' bytes where they lie.
  ///
  /// @throws IllegalStateException if it is not [#contiguous]
  public MemorySegment inPlace() {
    if (!contiguous()) {
      throw new IllegalStateException("the elements do not lie in a row; copyTo gathers them");
    }
    return elements() == 0
        ? memory.asSlice(0, 0)
        : memory.asSlice(type.bytes(offset), type.bytes(elements()));
  }

  /// Copies the elements in order, row-major.
  ///
  /// @param target as many bytes as [#bytes]
  public void copyTo(MemorySegment target) {
    if (contiguous()) {
      target.copyFrom(inPlace());
      return;
    }
    long width = type.bytes(1);
    int rank = dims.size();
    long[] index = new long[rank];
    long source = offset;
    long count = elements();
    for (long i = 0; i < count; i++) {
      MemorySegment.copy(memory, source * width, target, i * width, width);
      for (int axis = rank - 1; axis >= 0; axis--) {
        source += strides.get(axis);
        if (++index[axis] < dims.get(axis)) {
          break;
        }
        source -= strides.get(axis) * dims.get(axis);
        index[axis] = 0;
      }
    }
  }
}
