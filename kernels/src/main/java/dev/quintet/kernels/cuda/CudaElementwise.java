package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.Broadcast;
import dev.quintet.core.backend.ElementwiseKernels;
import dev.quintet.core.backend.Gradient;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.Kernel;
import dev.quintet.kernels.driver.Launch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Launches `elementwise.cu`.
final class CudaElementwise implements ElementwiseKernels {
  private static final int THREADS = 256;
  private static final int GROUP = 4; // elements that a thread takes together
  private static final int MOST_AXES = 8; // of Axes in elementwise.cu
  private static final int AXES_BYTES = 168;

  private final Cuda cuda;
  private final Kernel unary;
  private final Kernel unaryBackward;
  private final Kernel binary;
  private final Kernel binaryInts;
  private final Kernel compare;
  private final Kernel compareInts;
  private final Kernel select;
  private final Kernel addScaled;

  CudaElementwise(Cuda cuda) {
    this.cuda = cuda;
    unary = kernel("unary");
    unaryBackward = kernel("unary_backward");
    binary = kernel("binary");
    binaryInts = kernel("binary_ints");
    compare = kernel("compare");
    compareInts = kernel("compare_ints");
    select = kernel("select");
    addScaled = kernel("add_scaled");
  }

  private Kernel kernel(String name) {
    return cuda.kernel("elementwise", "elementwise_" + name);
  }

  @Override
  public void unary(Unary op, float parameter, long x, long y, long count) {
    if (count > 0) {
      launch(unary, count)
          .address(x)
          .address(y)
          .i64(count)
          .i32(op.ordinal())
          .f32(parameter)
          .moves(8 * count)
          .run();
    }
  }

  @Override
  public void unaryBackward(Unary op, float parameter, long v, long dy, Gradient dx, long count) {
    if (count > 0) {
      int operands = (op.reads() == Reads.NOTHING ? 2 : 3) + (dx.add() ? 1 : 0);
      launch(unaryBackward, count)
          .address(op.reads() == Reads.NOTHING ? 0 : v)
          .address(dy)
          .address(dx.address())
          .i64(count)
          .i32(op.ordinal())
          .f32(parameter)
          .i32(dx.add() ? 1 : 0)
          .moves(4 * operands * count)
          .run();
    }
  }

  @Override
  public void binary(Binary op, Broadcast axes, long x, long y, long z) {
    broadcast(binary, op.ordinal(), axes, x, y, z, 4);
  }

  @Override
  public void binaryInts(Binary op, Broadcast axes, long x, long y, long z) {
    if (op == Binary.DIVIDE || op == Binary.POWER) {
      throw new IllegalArgumentException("binaryInts takes no " + op + ": it is of floats alone");
    }
    broadcast(binaryInts, op.ordinal(), axes, x, y, z, 4);
  }

  @Override
  public void compare(Comparison op, boolean integers, Broadcast axes, long x, long y, long z) {
    broadcast(integers ? compareInts : compare, op.ordinal(), axes, x, y, z, 1);
  }

  @Override
  public void select(long condition, long x, long y, long z, long count) {
    if (count > 0) {
      launch(select, count)
          .address(condition)
          .address(x)
          .address(y)
          .address(z)
          .i64(count)
          .moves(13 * count)
          .run();
    }
  }

  @Override
  public void addScaled(float scale, long x, long y, long count) {
    if (count > 0) {
      launch(addScaled, count).f32(scale).address(x).address(y).i64(count).moves(12 * count).run();
    }
  }

  private Launch launch(Kernel kernel, long count) {
    return kernel.launch().grid(Blocks.sharing(cuda, count, THREADS * GROUP)).threads(THREADS);
  }

  /// Launches a function of two operands; once for each index of the outer axes that are more than a kernel takes.
  private void broadcast(
      Kernel kernel, int op, Broadcast axes, long x, long y, long z, int resultBytes) {
    long count = axes.elements();
    if (count == 0) {
      return;
    }
    if (axes.rank() > MOST_AXES) {
      Broadcast inner =
          new Broadcast(
              Arrays.copyOfRange(axes.sizes(), 1, axes.rank()),
              Arrays.copyOfRange(axes.xStrides(), 1, axes.rank()),
              Arrays.copyOfRange(axes.yStrides(), 1, axes.rank()));
      for (int i = 0; i < axes.sizes()[0]; i++) {
        long toX = x + 4 * i * axes.xStrides()[0];
        long toY = y + 4 * i * axes.yStrides()[0];
        broadcast(kernel, op, inner, toX, toY, z + resultBytes * i * inner.elements(), resultBytes);
      }
      return;
    }
    launch(kernel, count)
        .struct(axes(axes), 8)
        .address(x)
        .address(y)
        .address(z)
        .i64(count)
        .i32(op)
        .moves(reads(axes, axes.xStrides()) + reads(axes, axes.yStrides()) + resultBytes * count)
        .run();
  }

  /// `Axes` of elementwise.cu: rank, sizes and strides.
  private static ByteBuffer axes(Broadcast axes) {
    ByteBuffer struct = ByteBuffer.allocate(AXES_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    struct.putInt(0, axes.rank());
    for (int i = 0; i < axes.rank(); i++) {
      struct.putInt(4 + 4 * i, axes.sizes()[i]);
      struct.putLong(40 + 8 * i, axes.xStrides()[i]);
      struct.putLong(104 + 8 * i, axes.yStrides()[i]);
    }
    return struct;
  }

  /// The bytes that are read of an operand: one element for a group of four that repeats it, all elsewhere.
  private static long reads(Broadcast axes, long[] strides) {
    long count = axes.elements();
    if (strides[axes.rank() - 1] != 0) {
      return 4 * count;
    }
    long width = axes.sizes()[axes.rank() - 1];
    long groups = (count + GROUP - 1) / GROUP;
    long ends = count / width - 1; // of rows, behind which another follows
    long crossing =
        width < GROUP
            ? Math.min(ends, groups)
            : width % 4 == 0 ? 0 : width % 2 == 0 ? (ends + 1) / 2 : ends - ends / 4;
    return 4 * (groups - crossing) + 4 * GROUP * crossing;
  }
}
