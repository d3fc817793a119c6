package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.LayoutKernels.Gather;
import dev.quintet.core.backend.Memory;
import dev.quintet.core.shape.DType;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.Kernel;

/// The sums of a scatter in a fixed order without atomics: a few rows column by column, many sorted by their index.
///
/// The fixed order is that of the places: 32 of them are added up one after the other, and then the sums of such blocks.
final class SortedScatter {
  private static final int THREADS = 256;
  private static final int WARPS = THREADS / 32;

  /// Up to so many places it is not worth sorting them.
  private static final int FEW = 32;

  /// Places that a block sorts, and how many of them a warp adds up.
  private static final int TILE = 2048;

  private static final int RUN = 32;
  private static final int DIGITS = 256;

  private final Cuda cuda;
  private final Kernel columns;
  private final Kernel columnsOfHalves;
  private final Kernel count;
  private final Kernel begin;
  private final Kernel place;
  private final Kernel runs;
  private final Kernel runsOfHalves;
  private final Kernel joins;

  SortedScatter(Cuda cuda) {
    this.cuda = cuda;
    columns = cuda.kernel("layout", "layout_scatter_columns");
    columnsOfHalves = cuda.kernel("layout", "layout_scatter_columns_bf16");
    count = cuda.kernel("layout", "layout_sort_count");
    begin = cuda.kernel("layout", "layout_sort_begin");
    place = cuda.kernel("layout", "layout_sort_place");
    runs = cuda.kernel("layout", "layout_scatter_runs");
    runsOfHalves = cuda.kernel("layout", "layout_scatter_runs_bf16");
    joins = cuda.kernel("layout", "layout_scatter_joins");
  }

  /// Adds rows of y to those of x; see `LayoutKernels.scatterAdd`.
  void add(Gather gather, long y, long index, long x) {
    boolean single = gather.elementwise() && gather.inner() > 1;
    if (single || gather.count() <= FEW) {
      addColumns(gather, y, index, x);
    } else {
      addSorted(gather, y, index, x);
    }
  }

  private void addColumns(Gather gather, long y, long index, long x) {
    long threads = gather.outer() * gather.inner();
    (gather.type() == DType.F32 ? columns : columnsOfHalves)
        .launch()
        .grid(CudaLayout.blocks(cuda, threads))
        .threads(THREADS)
        .address(y)
        .address(index)
        .address(x)
        .struct(CudaLayout.sizes(gather, gather.inner(), 1), 8)
        .i32(gather.elementwise() ? 1 : 0)
        .address(cuda.fault())
        .moves(threads * gather.count() * (4 + gather.type().bytes() + 8))
        .run();
  }

  private void addSorted(Gather gather, long y, long index, long x) {
    Memory memory = cuda.memory();
    long lists = gather.shared() ? 1 : gather.outer();
    long entries = lists * gather.count();
    int tiles = (gather.count() + TILE - 1) / TILE;
    long blocks = (gather.count() + RUN - 1) / RUN;
    long counted = 4 * lists * tiles * DIGITS;
    long parts = 4 * gather.outer() * blocks * 2 * gather.inner();
    // Two lists of keys and places, between which the passes go to and fro.
    long keys = memory.allocate(16 * entries);
    long counts = memory.allocate(counted);
    long room = memory.allocate(parts);
    try {
      long sorted = sort(gather, lists, tiles, index, keys, counts);
      addRuns(gather, blocks, y, sorted, sorted + 4 * entries, x, room);
    } finally {
      memory.release(room, parts);
      memory.release(counts, counted);
      memory.release(keys, 16 * entries);
    }
  }

  /// Sorts the places, and says where: keys, and behind them places.
  private long sort(Gather gather, long lists, int tiles, long index, long room, long counts) {
    long entries = lists * gather.count();
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(gather.axis());
    long from = index;
    long to = room;
    for (int shift = 0; shift < bits; shift += 8) {
      int first = shift == 0 ? 1 : 0;
      count
          .launch()
          .grid(tiles * lists)
          .threads(THREADS)
          .shared(4 * WARPS * DIGITS)
          .address(from)
          .address(counts)
          .i32(tiles)
          .i32(gather.count())
          .i32(gather.axis())
          .i32(shift)
          .i32(first)
          .address(cuda.fault())
          .moves(4 * entries + 4 * lists * tiles * DIGITS)
          .run();
      begin
          .launch()
          .grid(lists)
          .threads(DIGITS)
          .shared(4 * WARPS)
          .address(counts)
          .i32(tiles)
          .moves(12 * lists * tiles * DIGITS)
          .run();
      place
          .launch()
          .grid(tiles * lists)
          .threads(THREADS)
          .shared(4 * WARPS * DIGITS)
          .address(from)
          .address(first == 1 ? from : from + 4 * entries)
          .address(counts)
          .address(to)
          .address(to + 4 * entries)
          .i32(tiles)
          .i32(gather.count())
          .i32(gather.axis())
          .i32(shift)
          .i32(first)
          .moves((first == 1 ? 12 : 16) * entries + 4 * lists * tiles * DIGITS)
          .run();
      from = to;
      to = to == room ? room + 8 * entries : room;
    }
    return from;
  }

  private void addRuns(
      Gather gather, long blocks, long y, long keys, long places, long x, long parts) {
    long inner = gather.inner();
    long groups = (inner + 127) / 128;
    long tasks = gather.outer() * blocks * groups;
    long rows = gather.outer() * gather.count();
    int wide = inner % 4 == 0 && x % 16 == 0 && y % gather.type().bytes(4) == 0 ? 1 : 0;
    // Exact where all indices differ; one that comes often is stored less often.
    long ends = 4 * gather.outer() * groups * (blocks - 1 + Math.max(0, gather.count() / RUN));
    (gather.type() == DType.F32 ? runs : runsOfHalves)
        .launch()
        .grid((tasks + WARPS - 1) / WARPS)
        .threads(THREADS)
        .address(y)
        .address(keys)
        .address(places)
        .address(x)
        .address(parts)
        .struct(CudaLayout.sizes(gather, inner, 1), 8)
        .i32(wide)
        .moves(8 * rows * groups + ends + rows * inner * (gather.type().bytes() + 8))
        .run();
    joins
        .launch()
        .grid((tasks + WARPS - 1) / WARPS)
        .threads(THREADS)
        .address(keys)
        .address(parts)
        .address(x)
        .struct(CudaLayout.sizes(gather, inner, 1), 8)
        .i32(wide)
        .moves(16 * tasks - gather.outer() * groups * (gather.count() % RUN == 0 ? 8 : 12))
        .run();
  }
}
