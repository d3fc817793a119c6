package dev.quintet.core.backend;

import dev.quintet.core.shape.DType;

/// Moves data without computing: copies, fills, casts, gathers and scatters.
public interface LayoutKernels {

  /// target[i·targetStrides] = source[i·sourceStrides] for every index i.
  ///
  /// @param copy sizes and strides in elements
  /// @param elementBytes 1, 2 or 4
  /// @param source address of the first element read
  /// @param target address of the first element written
  void copy(StridedCopy copy, int elementBytes, long source, long target);

  /// Sets float32 elements to a value.
  void fill(float value, long target, long count);

  /// Converts: F32 from and to BF16 (to nearest, ties to even; NaN stays NaN), F32 from and to I32 (towards
  /// zero, limited to int32's range, NaN to 0, as Java casts), and U8 or BOOL to F32 or I32. Other pairs are refused.
  ///
  /// @throws IllegalArgumentException if the pair is not supported
  void cast(DType from, DType to, long source, long target, long count);

  /// y[outer, indexAxis, inner] = x[outer, index, inner], bit for bit.
  ///
  /// @param gather sizes and the type of both, and whether all outer parts share one index
  /// @param x address of [outer, axis, inner]
  /// @param index address of int32 [outer, indexAxis, indexInner]; see [Gather]
  /// @param y address of the result
  /// @throws IndexOutOfBoundsException if an index is not below `axis`; on a device that cannot
  ///     throw, the next read or synchronisation does
  void gather(Gather gather, long x, long index, long y);

  /// x[outer, index, inner] += y[outer, indexAxis, inner] in a fixed order: the backward of [#gather].
  ///
  /// @param gather sizes, and the type of y: float32 or bfloat16
  /// @param x address of float32 sums
  void scatterAdd(Gather gather, long y, long index, long x);

  /// Sizes of a gather.
  ///
  /// @param outer parts before the axis; x and y both have them
  /// @param axis size of the axis in x
  /// @param count size of the axis in y
  /// @param inner elements behind the axis
  /// @param shared whether one index of `count` entries serves all outer parts
  /// @param elementwise whether each inner element has an index of its own: then the index is
  ///     [outer, count, inner], otherwise [outer, count], or [count] when shared
  /// @param type of the elements: F32, or BF16 where it is rows that are taken
  record Gather(
      long outer,
      int axis,
      int count,
      long inner,
      boolean shared,
      boolean elementwise,
      DType type) {

    /// A gather of float32.
    public Gather(
        long outer, int axis, int count, long inner, boolean shared, boolean elementwise) {
      this(outer, axis, count, inner, shared, elementwise, DType.F32);
    }

    /// Checks the type.
    ///
    /// @throws IllegalArgumentException if elements are taken one by one that do not have 4 bytes
    public Gather {
      if (elementwise && type.bytes() != 4) {
        throw new IllegalArgumentException("gather: single elements are not of " + type);
      }
    }

    /// Whole rows of a table by one list of row numbers, as an embedding does.
    public static Gather rows(int tableRows, int count, long width, DType type) {
      return new Gather(1, tableRows, count, width, true, false, type);
    }
  }
}
