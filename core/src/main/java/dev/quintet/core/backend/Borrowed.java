package dev.quintet.core.backend;

import dev.quintet.core.shape.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/// Device memory that a composed kernel borrows until its end, and steps that several of them take.
final class Borrowed implements AutoCloseable {
  private record Block(long address, long bytes) {}

  private final Backend backend;
  private final ArrayDeque<Block> blocks = new ArrayDeque<>();

  Borrowed(Backend backend) {
    this.backend = backend;
  }

  /// The address of elements of 4 bytes, with undefined contents.
  long floats(long count) {
    return bytes(4 * count);
  }

  /// The address of elements of 1 byte, with undefined contents.
  long bytes(long count) {
    long address = backend.memory().allocate(count);
    blocks.push(new Block(address, count));
    return address;
  }

  /// The address of float32 elements that are all of one value.
  long filled(float value, long count) {
    long address = floats(count);
    backend.layout().fill(value, address, count);
    return address;
  }

  /// The address of these int32 elements.
  long ints(int... values) {
    long address = floats(values.length);
    backend.memory().write(MemorySegment.ofArray(values), address, 4L * values.length);
    return address;
  }

  /// result = the mean of each row.
  void means(long rows, int width, long x, long result) {
    backend.reduction().reduce(ReductionKernels.Reduction.SUM, rows, width, 1, x, result);
    backend
        .elementwise()
        .unary(ElementwiseKernels.Unary.MULTIPLY_SCALAR, 1f / width, result, result, rows);
  }

  /// result = the logarithm of each row's sum of exponentials.
  void logSumExp(long rows, int width, long x, long result) {
    ElementwiseKernels elementwise = backend.elementwise();
    ReductionKernels reduction = backend.reduction();
    long largest = floats(rows);
    long exponentials = floats(rows * width);
    reduction.reduce(ReductionKernels.Reduction.MAX, rows, width, 1, x, largest);
    elementwise.binary(
        ElementwiseKernels.Binary.SUBTRACT, perRow(rows, width), x, largest, exponentials);
    elementwise.unary(ElementwiseKernels.Unary.EXP, 0, exponentials, exponentials, rows * width);
    reduction.reduce(ReductionKernels.Reduction.SUM, rows, width, 1, exponentials, result);
    elementwise.unary(ElementwiseKernels.Unary.LOG, 0, result, result, rows);
    elementwise.addScaled(1, largest, result, rows);
  }

  /// Rows beside one number for each.
  static Broadcast perRow(long rows, int width) {
    return Broadcast.of(Shape.of(rows, width), Shape.of(rows, 1));
  }

  /// Rows beside one row for all.
  static Broadcast perColumn(long rows, int width) {
    return Broadcast.of(Shape.of(rows, width), Shape.of(width));
  }

  /// Elements beside elements.
  static Broadcast straight(long count) {
    return new Broadcast(new int[] {Math.toIntExact(count)}, new long[] {1}, new long[] {1});
  }

  @Override
  public void close() {
    while (!blocks.isEmpty()) {
      Block block = blocks.pop();
      backend.memory().release(block.address(), block.bytes());
    }
  }
}
