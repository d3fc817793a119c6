package dev.quintet.core.backend;

import dev.quintet.core.shape.Shape;
import java.util.Arrays;

/// The common axes of two operands, collapsed as far as they can be, with each operand's strides.
///
/// A stride of 0 repeats the operand along the axis. There is always at least one axis.
///
/// @param sizes sizes of the axes, outermost first
/// @param xStrides elements from one index to the next, in the first operand
/// @param yStrides likewise in the second
public record Broadcast(int[] sizes, long[] xStrides, long[] yStrides) {

  /// The broadcast of two contiguous operands.
  ///
  /// @throws IllegalArgumentException if the shapes do not fit
  public static Broadcast of(Shape x, Shape y) {
    Shape z = Shape.broadcast(x, y);
    int rank = Math.max(1, z.rank());
    int[] sizes = new int[rank];
    long[] xs = new long[rank];
    long[] ys = new long[rank];
    int used = 0; // axes kept so far, counted from the innermost
    long xStep = 1;
    long yStep = 1;
    for (int i = 1; i <= z.rank(); i++) {
      int size = z.dim(-i);
      int xd = i <= x.rank() ? x.dim(-i) : 1;
      int yd = i <= y.rank() ? y.dim(-i) : 1;
      if (size != 1) {
        long xStride = xd == 1 ? 0 : xStep;
        long yStride = yd == 1 ? 0 : yStep;
        int last = rank - used;
        boolean joins =
            used > 0
                && xStride == xs[last] * sizes[last]
                && yStride == ys[last] * sizes[last]
                && (long) size * sizes[last] <= Integer.MAX_VALUE;
        if (joins) {
          sizes[last] *= size;
        } else {
          used++;
          sizes[rank - used] = size;
          xs[rank - used] = xStride;
          ys[rank - used] = yStride;
        }
      }
      xStep *= xd;
      yStep *= yd;
    }
    if (used == 0) {
      return new Broadcast(new int[] {1}, new long[] {1}, new long[] {1});
    }
    int from = rank - used;
    return new Broadcast(
        Arrays.copyOfRange(sizes, from, rank),
        Arrays.copyOfRange(xs, from, rank),
        Arrays.copyOfRange(ys, from, rank));
  }

  /// The number of axes, at least 1.
  public int rank() {
    return sizes.length;
  }

  /// The number of elements of the result.
  public long elements() {
    long product = 1;
    for (int s : sizes) {
      product *= s;
    }
    return product;
  }

  /// Whether both operands are read straight through.
  public boolean straight() {
    return sizes.length == 1 && xStrides[0] == 1 && yStrides[0] == 1;
  }
}
