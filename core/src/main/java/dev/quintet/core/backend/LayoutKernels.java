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

  /// y[outer, indexAxis, inner] = x[outer, index, inner], all of 4-byte elements.
  ///
  /// @param gather sizes, and whether all outer parts share one index
  /// @param x address of [outer, axis, inner]
  /// @param index address of int32 [outer, indexAxis, indexInner]; see [Gather]
  /// @param y address of the result
  /// @throws IndexOutOfBoundsException if an index is not below `axis`; on a device that cannot
  ///     throw, the next read or synchronisation does
  void gather(Gather gather, long x, long index, long y);

  /// x[outer, index, inner] += y[outer, indexAxis, inner] in float32, in a fixed order: the backward
  /// of [#gather].
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
  record Gather(long outer, int axis, int count, long inner, boolean shared, boolean elementwise) {

    /// Whole rows of a table by one list of row numbers, as an embedding does.
    public static Gather rows(int tableRows, int count, long width) {
      return new Gather(1, tableRows, count, width, true, false);
    }
  }
}
