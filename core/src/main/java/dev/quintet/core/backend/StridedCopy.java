package dev.quintet.core.backend;

/// Sizes and strides of a copy between two layouts, in elements, outermost axis first.
///
/// @param sizes sizes of the axes; at least one axis
/// @param sourceStrides elements from one index to the next in the source; 0 repeats
/// @param targetStrides likewise in the target
public record StridedCopy(int[] sizes, long[] sourceStrides, long[] targetStrides) {

  /// Checks the lengths.
  ///
  /// @throws IllegalArgumentException if they differ or there is no axis
  public StridedCopy {
    if (sizes.length == 0
        || sizes.length != sourceStrides.length
        || sizes.length != targetStrides.length) {
      throw new IllegalArgumentException("a copy needs as many strides as sizes, and at least one");
    }
  }
}
