package dev.quintet.core.backend;

/// Reductions, cumulative sums and selections along the middle axis of `[outer, axis, inner]`.
public interface ReductionKernels {

  /// y[outer, inner] = the reduction of x[outer, axis, inner]. An empty axis sums to 0 and has no
  /// extremes (negative or positive infinity). Sums and extremes pass NaN on.
  void reduce(Reduction op, long outer, int axis, long inner, long x, long y);

  /// [#reduce] of int32 elements: sums wrap around as Java's do, and an empty axis has int32's bounds as extremes.
  void reduceInts(Reduction op, long outer, int axis, long inner, long x, long y);

  /// `indices[outer]` (int32) = where `x[outer, axis]` is largest; the first of equals. A NaN counts as
  /// the largest.
  void argMax(long outer, int axis, long x, long indices);

  /// The k largest of each row, in descending order; of equals the first comes first. A NaN
  /// counts as the largest.
  ///
  /// @param outer rows
  /// @param axis elements of a row
  /// @param k how many, at most `axis`
  /// @param x address of `[outer, axis]`
  /// @param values address of `[outer, k]`
  /// @param indices address of `[outer, k]`, int32
  void topK(long outer, int axis, int k, long x, long values, long indices);

  /// y = the running sum of x along the axis; from its end when `reverse`. `y` may be `x`.
  void cumulativeSum(long outer, int axis, long inner, boolean reverse, long x, long y);

  /// The reductions.
  enum Reduction {
    /// The sum; long sums are kept in float64 parts.
    SUM,
    /// The largest.
    MAX,
    /// The smallest.
    MIN
  }
}
