package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.LayoutKernels;
import dev.quintet.core.backend.StridedCopy;
import dev.quintet.core.shape.DType;
import dev.quintet.kernels.cuda.CopyPlan.Axis;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.Kernel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// Launches `layout.cu`.
final class CudaLayout implements LayoutKernels {
  private static final int THREADS = 256;

  /// Rows and columns of the tile through which a copy is turned.
  private static final int TURN = 32;

  private final Cuda cuda;
  private final Kernel[] copy; // by the logarithm of an element's bytes
  private final Kernel[] turn;
  private final Kernel[] gather;
  private final Kernel fill;
  private final Kernel narrow;
  private final Kernel widen;
  private final Kernel truncate;
  private final Kernel round;
  private final Kernel bytesToFloats;
  private final Kernel bytesToInts;
  private final Kernel gatherElements;
  private final SortedScatter scatter;

  CudaLayout(Cuda cuda) {
    this.cuda = cuda;
    copy = bySize("copy", 1, 2, 4, 8, 16);
    turn = bySize("turn", 1, 2, 4);
    gather = bySize("gather", 2, 4, 8, 16);
    fill = cuda.kernel("layout", "layout_fill");
    narrow = cuda.kernel("layout", "layout_narrow");
    widen = cuda.kernel("layout", "layout_widen");
    truncate = cuda.kernel("layout", "layout_truncate");
    round = cuda.kernel("layout", "layout_round");
    bytesToFloats = cuda.kernel("layout", "layout_bytes_to_floats");
    bytesToInts = cuda.kernel("layout", "layout_bytes_to_ints");
    gatherElements = cuda.kernel("layout", "layout_gather_elements");
    scatter = new SortedScatter(cuda);
  }

  private Kernel[] bySize(String name, int... sizes) {
    Kernel[] kernels = new Kernel[sizes.length];
    for (int i = 0; i < sizes.length; i++) {
      kernels[i] = cuda.kernel("layout", "layout_" + name + sizes[i]);
    }
    return kernels;
  }

  @Override
  public void copy(StridedCopy copy, int elementBytes, long source, long target) {
    if (elementBytes != 1 && elementBytes != 2 && elementBytes != 4) {
      throw new IllegalArgumentException(
          "copy: elements have 1, 2 or 4 bytes, not " + elementBytes);
    }
    CopyPlan.each(copy, elementBytes, source, target, this::launch);
  }

  private void launch(CopyPlan plan) {
    long moves = 2 * plan.count() * plan.bytes();
    int turned = plan.turned();
    if (turned < 0) {
      this.copy[log2(plan.bytes())]
          .launch()
          .grid(blocks(plan.count()))
          .threads(THREADS)
          .address(plan.source())
          .address(plan.target())
          .struct(axes(plan.axes()), 8)
          .i32((int) plan.count())
          .moves(moves)
          .run();
      return;
    }
    List<Axis> rest = new ArrayList<>(plan.axes());
    Axis rows = rest.removeLast();
    Axis columns = rest.remove(turned);
    long tiles = (columns.size() + TURN - 1) / TURN * ((rows.size() + TURN - 1) / TURN);
    for (Axis axis : rest) {
      tiles *= axis.size();
    }
    ByteBuffer by = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    by.putInt((int) columns.size()).putInt((int) rows.size());
    by.putLong(rows.source()).putLong(columns.target());
    turn[log2(plan.bytes())]
        .launch()
        .grid(tiles)
        .threads(THREADS)
        .shared(TURN * (TURN + 1) * plan.bytes())
        .address(plan.source())
        .address(plan.target())
        .struct(axes(rest), 8)
        .struct(by.clear(), 8)
        .moves(moves)
        .run();
  }

  /// The struct `Axes` of the kernels.
  private static ByteBuffer axes(List<Axis> axes) {
    ByteBuffer struct = ByteBuffer.allocate(168).order(ByteOrder.LITTLE_ENDIAN);
    struct.putInt(0, axes.size());
    for (int i = 0; i < axes.size(); i++) {
      struct.putInt(4 + 4 * i, (int) axes.get(i).size());
      struct.putLong(40 + 8 * i, axes.get(i).source());
      struct.putLong(104 + 8 * i, axes.get(i).target());
    }
    return struct;
  }

  @Override
  public void fill(float value, long target, long count) {
    if (count == 0) {
      return;
    }
    Groups groups = Groups.of(count, 4, 4, target, 4, target);
    fill.launch()
        .grid(groups.blocks(cuda))
        .threads(THREADS)
        .address(target)
        .i32(Float.floatToRawIntBits(value))
        .i64(count)
        .i32(groups.head)
        .i64(groups.count)
        .moves(4 * count)
        .run();
  }

  @Override
  public void cast(DType from, DType to, long source, long target, long count) {
    Kernel kernel =
        switch (from) {
          case F32 ->
              switch (to) {
                case BF16 -> narrow;
                case I32 -> truncate;
                case F32, U8, BOOL -> throw refused(from, to);
              };
          case BF16 ->
              switch (to) {
                case F32 -> widen;
                case BF16, I32, U8, BOOL -> throw refused(from, to);
              };
          case I32 ->
              switch (to) {
                case F32 -> round;
                case BF16, I32, U8, BOOL -> throw refused(from, to);
              };
          case U8, BOOL ->
              switch (to) {
                case F32 -> bytesToFloats;
                case I32 -> bytesToInts;
                case BF16, U8, BOOL -> throw refused(from, to);
              };
        };
    if (count == 0) {
      return;
    }
    int size = from == DType.BF16 || to == DType.BF16 ? 8 : 4;
    Groups groups = Groups.of(count, size, from.bytes(), source, to.bytes(), target);
    kernel
        .launch()
        .grid(groups.blocks(cuda))
        .threads(THREADS)
        .address(source)
        .address(target)
        .i64(count)
        .i32(groups.head)
        .i64(groups.count)
        .moves(count * (from.bytes() + to.bytes()))
        .run();
  }

  private static IllegalArgumentException refused(DType from, DType to) {
    return new IllegalArgumentException("cast: there is no conversion from " + from + " to " + to);
  }

  @Override
  public void gather(Gather gather, long x, long index, long y) {
    long rows = gather.outer() * gather.count();
    long elements = rows * gather.inner();
    if (elements == 0) {
      return;
    }
    if (gather.elementwise()) {
      gatherElements
          .launch()
          .grid(blocks(elements))
          .threads(THREADS)
          .address(x)
          .address(index)
          .address(y)
          .struct(sizes(gather, gather.inner(), 1), 8)
          .address(cuda.fault())
          .moves(12 * elements)
          .run();
      return;
    }
    // As wide elements as the rows of both consist of.
    long rowBytes = gather.type().bytes(gather.inner());
    int bytes = (int) Math.min(16, Long.lowestOneBit(rowBytes | x | y));
    long inner = rowBytes / bytes;
    int lanes = inner >= 32 ? 32 : Math.max(1, Integer.highestOneBit(2 * (int) inner - 1));
    this.gather[log2(bytes) - 1]
        .launch()
        .grid(blocks(rows * lanes))
        .threads(THREADS)
        .address(x)
        .address(index)
        .address(y)
        .struct(sizes(gather, inner, lanes), 8)
        .address(cuda.fault())
        .moves(4 * rows + 2 * rows * rowBytes)
        .run();
  }

  @Override
  public void scatterAdd(Gather gather, long y, long index, long x) {
    if (gather.outer() * gather.count() * gather.inner() > 0) {
      scatter.add(gather, y, index, x);
    }
  }

  /// The struct `Sizes` of the kernels.
  static ByteBuffer sizes(Gather gather, long inner, int lanes) {
    ByteBuffer struct = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
    struct.putLong(gather.outer()).putLong(inner);
    struct.putDouble(1.0 / inner).putDouble(1.0 / gather.count());
    struct.putInt(gather.axis()).putInt(gather.count());
    struct.putInt(gather.shared() ? 1 : 0).putInt(lanes);
    return struct.clear();
  }

  private long blocks(long threads) {
    return blocks(cuda, threads);
  }

  /// Blocks for so many threads, or as many as the chip holds at one time: kernels loop.
  static long blocks(Cuda cuda, long threads) {
    return Math.min((threads + THREADS - 1) / THREADS, cuda.chip().processors() * 8L);
  }

  private static int log2(int powerOfTwo) {
    return Integer.numberOfTrailingZeros(powerOfTwo);
  }

  /// How elements fall into groups that begin at a multiple of 16 bytes in both operands, or of 4 where 4 bytes are a group.
  ///
  /// @param head elements before the first one
  /// @param count of groups; 0 where the operands are not aligned alike
  private record Groups(long elements, int size, int head, long count) {
    static Groups of(
        long elements, int size, int sourceBytes, long source, int targetBytes, long target) {
      int from = Math.min(16, size * sourceBytes);
      int to = Math.min(16, size * targetBytes);
      for (int head = 0; head < size && head <= elements; head++) {
        if ((source + (long) head * sourceBytes) % from == 0
            && (target + (long) head * targetBytes) % to == 0) {
          return new Groups(elements, size, head, (elements - head) / size);
        }
      }
      return new Groups(elements, size, (int) Math.min(elements, Integer.MAX_VALUE), 0);
    }

    long blocks(Cuda cuda) {
      return CudaLayout.blocks(cuda, Math.max(count, elements - count * size));
    }
  }
}
