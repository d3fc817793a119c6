package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.Memory;
import dev.quintet.core.backend.ReductionKernels;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.Kernel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Launches `reduction.cu`.
final class CudaReduction implements ReductionKernels {
  private static final int THREADS = 256;
  private static final int WARPS = THREADS / 32;

  /// Places of the axis that one warp reduces of a row, and one thread of a column.
  private static final int ROW_PART = 4096;

  private static final int COLUMN_PART = 256;

  /// Rows that are shorter than this are a thread's, not a warp's.
  private static final int SHORT = 32;

  /// Elements that a block sorts, and the most of them that are worth keeping.
  private static final int PIECE = 2048;

  private static final int MOST_KEPT = 1024;

  /// The kernels' numbers of the operations: those of float32, then of int32, and the place of the largest.
  private static final int INTEGERS = 3;

  private static final int ARG_MAX = 6;

  private final Cuda cuda;
  private final Kernel rows;
  private final Kernel columns;
  private final Kernel join;
  private final Kernel runningRows;
  private final Kernel runningColumns;
  private final Kernel top;
  private final Kernel topPasses;

  CudaReduction(Cuda cuda) {
    this.cuda = cuda;
    rows = cuda.kernel("reduction", "reduction_rows");
    columns = cuda.kernel("reduction", "reduction_columns");
    join = cuda.kernel("reduction", "reduction_join");
    runningRows = cuda.kernel("reduction", "reduction_running_rows");
    runningColumns = cuda.kernel("reduction", "reduction_running_columns");
    top = cuda.kernel("reduction", "reduction_top");
    topPasses = cuda.kernel("reduction", "reduction_top_passes");
  }

  @Override
  public void reduce(Reduction op, long outer, int axis, long inner, long x, long y) {
    reduce(number(op), Cut.of(outer, axis, inner, x), x, y);
  }

  @Override
  public void reduceInts(Reduction op, long outer, int axis, long inner, long x, long y) {
    reduce(INTEGERS + number(op), Cut.of(outer, axis, inner, x), x, y);
  }

  @Override
  public void argMax(long outer, int axis, long x, long indices) {
    reduce(ARG_MAX, Cut.of(outer, axis, 1, x), x, indices);
  }

  private static int number(Reduction op) {
    return switch (op) {
      case SUM -> 0;
      case MAX -> 1;
      case MIN -> 2;
    };
  }

  private void reduce(int op, Cut cut, long x, long y) {
    if (cut.results() == 0) {
      return;
    }
    if (cut.parts == 1) {
      reduceParts(op, cut, x, y, 0);
      return;
    }
    Memory memory = cuda.memory();
    long room = memory.allocate(8 * cut.tasks());
    reduceParts(op, cut, x, y, room);
    join.launch()
        .grid(blocks(32 * cut.results()))
        .threads(THREADS)
        .address(room)
        .address(y)
        .struct(cut.struct(), 8)
        .i32(op)
        .moves(partBytes(op) * cut.tasks() + 4 * cut.results())
        .run();
    memory.release(room, 8 * cut.tasks());
  }

  /// Writes results to y, or, where there are several parts of each, those to `room`.
  private void reduceParts(int op, Cut cut, long x, long y, long room) {
    (cut.byRows ? rows : columns)
        .launch()
        .grid(blocks(cut.threads()))
        .threads(THREADS)
        .address(x)
        .address(y)
        .address(room)
        .struct(cut.struct(), 8)
        .i32(op)
        .moves(4 * cut.elements() + (cut.parts == 1 ? 4 : partBytes(op)) * cut.tasks())
        .run();
  }

  /// Sums are kept in float64, and places together with their values.
  private static int partBytes(int op) {
    return op == 0 || op == ARG_MAX ? 8 : 4;
  }

  @Override
  public void cumulativeSum(long outer, int axis, long inner, boolean reverse, long x, long y) {
    Cut cut = Cut.of(outer, axis, inner, x | y);
    if (cut.elements() == 0) {
      return;
    }
    Memory memory = cuda.memory();
    long bytes = cut.parts == 1 ? 0 : 8 * cut.tasks();
    long sums = bytes == 0 ? 0 : memory.allocate(bytes);
    if (bytes > 0) {
      reduceParts(number(Reduction.SUM), cut, x, 0, sums);
    }
    long earlier = cut.results() * cut.parts * (cut.parts - 1L) / 2;
    (cut.byRows ? runningRows : runningColumns)
        .launch()
        .grid(blocks(cut.threads()))
        .threads(THREADS)
        .address(x)
        .address(y)
        .address(sums)
        .struct(cut.struct(), 8)
        .i32(reverse ? 1 : 0)
        .moves(8 * cut.elements() + 8 * earlier)
        .run();
    if (bytes > 0) {
      memory.release(sums, bytes);
    }
  }

  @Override
  public void topK(long outer, int axis, int k, long x, long values, long indices) {
    if (k < 0 || k > axis) {
      throw new IllegalArgumentException("topK: " + k + " of " + axis + " elements");
    }
    if (k == 0 || outer == 0) {
      return;
    }
    if (k > MOST_KEPT) {
      topPasses
          .launch()
          .grid(outer)
          .threads(THREADS)
          .shared(8 * WARPS)
          .address(x)
          .address(values)
          .address(indices)
          .i32(axis)
          .i32(k)
          .moves(outer * k * (4L * axis + 12))
          .run();
      return;
    }
    Memory memory = cuda.memory();
    int size = Math.min(PIECE, Math.max(2, Integer.highestOneBit(2 * Math.min(axis, PIECE) - 1)));
    long count = axis;
    long from = 0;
    long fromBytes = 0;
    while (true) {
      long pieces = (count + size - 1) / size;
      long bytes = pieces == 1 ? 0 : 8 * outer * pieces * k;
      long to = bytes == 0 ? 0 : memory.allocate(bytes);
      top.launch()
          .grid(outer * pieces)
          .threads(THREADS)
          .shared(8 * size)
          .address(x)
          .address(from)
          .address(to)
          .address(values)
          .address(indices)
          .i32(axis)
          .i32(Math.toIntExact(count))
          .i32((int) pieces)
          .i32(size)
          .i32(k)
          .moves((from == 0 ? 4 : 8) * outer * count + (bytes == 0 ? 12 * outer * k : bytes))
          .run();
      if (fromBytes > 0) {
        memory.release(from, fromBytes);
      }
      if (pieces == 1) {
        return;
      }
      from = to;
      fromBytes = bytes;
      count = pieces * k;
    }
  }

  private long blocks(long threads) {
    return CudaLayout.blocks(cuda, threads);
  }

  /// How a reduction is cut, by its shape alone.
  ///
  /// @param byRows whether a warp takes a part of a row, rather than a thread one of a column
  /// @param wide whether every row begins at a multiple of 16 bytes
  /// @param parts of each axis
  private record Cut(long outer, int axis, long inner, boolean byRows, boolean wide, int parts) {
    static Cut of(long outer, int axis, long inner, long addresses) {
      boolean byRows = inner == 1 && axis >= SHORT;
      int length = byRows ? ROW_PART : COLUMN_PART;
      boolean wide = (addresses | 4L * axis) % 16 == 0;
      return new Cut(outer, axis, inner, byRows, wide, Math.max(1, Math.ceilDiv(axis, length)));
    }

    long results() {
      return outer * inner;
    }

    long elements() {
      return outer * axis * inner;
    }

    long tasks() {
      return outer * parts * inner;
    }

    long threads() {
      return byRows ? 32 * tasks() : tasks();
    }

    /// The struct `Shape` of the kernels.
    ByteBuffer struct() {
      ByteBuffer struct = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
      struct.putLong(outer).putLong(inner).putDouble(1.0 / inner).putDouble(1.0 / parts);
      struct.putInt(axis).putInt(parts).putInt(byRows ? ROW_PART : COLUMN_PART);
      struct.putInt(wide ? 1 : 0);
      return struct.clear();
    }
  }
}
