package dev.quintet.core.shape;

import java.util.Arrays;
import java.util.Objects;

/// The sizes of a tensor's axes, outermost first; tensors are contiguous and row-major.
///
/// A shape of no axes is a scalar. An axis may have size 0.
public final class Shape {
  private static final Shape SCALAR = new Shape(new int[0]);

  private final int[] dims;
  private final long elements;

  private Shape(int[] dims) {
    this.dims = dims;
    long product = 1;
    for (int d : dims) {
      product *= d;
    }
    this.elements = product;
  }

  /// A shape of sizes from 0 to 2^31 - 1.
  private static Shape checked(int[] dims) {
    // Sizes of 0 count as 1: then the product of any of the axes fits as well.
    long product = 1;
    for (int d : dims) {
      if (Math.multiplyHigh(product, Math.max(1L, d)) != 0 || product * Math.max(1L, d) < 0) {
        throw new IllegalArgumentException(
            "a shape of " + Arrays.toString(dims) + " has more than 2^63 elements");
      }
      product *= Math.max(1L, d);
    }
    return new Shape(dims);
  }

  /// A shape of these axes.
  ///
  /// @throws IllegalArgumentException if an axis is negative or over 2^31 - 1, or the number of
  ///     elements passes 2^63, where axes of size 0 count as 1
  public static Shape of(long... dims) {
    Objects.requireNonNull(dims, "dims");
    if (dims.length == 0) {
      return SCALAR;
    }
    int[] sizes = new int[dims.length];
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] < 0 || dims[i] > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "axis " + i + " of " + Arrays.toString(dims) + " is not from 0 to 2147483647");
      }
      sizes[i] = (int) dims[i];
    }
    return checked(sizes);
  }

  /// A shape of no axes: one element.
  public static Shape scalar() {
    return SCALAR;
  }

  /// The number of axes.
  public int rank() {
    return dims.length;
  }

  /// The size of an axis; negative axes count from the end.
  ///
  /// @throws IndexOutOfBoundsException if there is no such axis
  public int dim(int axis) {
    return dims[axis(axis)];
  }

  /// The axis counted from the front: `axis(-1)` is the last.
  ///
  /// @throws IndexOutOfBoundsException if there is no such axis
  public int axis(int axis) {
    int fromFront = axis < 0 ? axis + dims.length : axis;
    if (fromFront < 0 || fromFront >= dims.length) {
      throw new IndexOutOfBoundsException("axis " + axis + " of a shape " + this);
    }
    return fromFront;
  }

  /// A copy of the sizes.
  public int[] dims() {
    return dims.clone();
  }

  /// The product of all sizes; 1 for a scalar.
  public long elements() {
    return elements;
  }

  /// The product of the sizes of axes `from` (inclusive) to `to` (exclusive), counted from the
  /// front.
  ///
  /// @throws IndexOutOfBoundsException if there are no such axes
  public long elements(int from, int to) {
    Objects.checkFromToIndex(from, to, dims.length);
    long product = 1;
    for (int i = from; i < to; i++) {
      product *= dims[i];
    }
    return product;
  }

  /// The size of the last axis; 1 for a scalar.
  public int width() {
    return dims.length == 0 ? 1 : dims[dims.length - 1];
  }

  /// The number of rows, the product of all axes but the last; 1 for a scalar.
  public long rows() {
    return elements(0, Math.max(0, dims.length - 1));
  }

  /// This shape with one axis of another size; negative axes count from the end.
  ///
  /// @throws IndexOutOfBoundsException if there is no such axis
  /// @throws IllegalArgumentException if the size is negative or the elements pass 2^63
  public Shape withDim(int axis, int size) {
    int[] changed = dims.clone();
    changed[axis(axis)] = size;
    if (size < 0) {
      throw new IllegalArgumentException(
          "axis " + axis + " of " + Arrays.toString(changed) + " is not from 0 to 2147483647");
    }
    return checked(changed);
  }

  /// This shape without one axis; negative axes count from the end.
  public Shape without(int axis) {
    int gone = axis(axis);
    int[] rest = new int[dims.length - 1];
    for (int i = 0, j = 0; i < dims.length; i++) {
      if (i != gone) {
        rest[j++] = dims[i];
      }
    }
    return new Shape(rest);
  }

  /// The shape that both broadcast to: axes are aligned at the end, and an axis of size 1 stretches.
  ///
  /// @throws IllegalArgumentException if the two do not fit
  public static Shape broadcast(Shape a, Shape b) {
    Objects.requireNonNull(a, "a");
    Objects.requireNonNull(b, "b");
    int rank = Math.max(a.rank(), b.rank());
    int[] dims = new int[rank];
    for (int i = 1; i <= rank; i++) {
      int x = i <= a.rank() ? a.dims[a.rank() - i] : 1;
      int y = i <= b.rank() ? b.dims[b.rank() - i] : 1;
      if (x != y && x != 1 && y != 1) {
        throw new IllegalArgumentException(
            "shapes "
                + a
                + " and "
                + b
                + " do not broadcast: axis -"
                + i
                + " is "
                + x
                + " and "
                + y);
      }
      dims[rank - i] = x == 1 ? y : x;
    }
    return checked(dims);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape s && Arrays.equals(dims, s.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  @Override
  public String toString() {
    return Arrays.toString(dims);
  }
}
