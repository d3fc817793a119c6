package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.DecoderCall;
import dev.quintet.core.backend.DecoderCall.Block;
import dev.quintet.core.backend.DecoderCall.Cross;
import dev.quintet.core.backend.DecoderCall.FeedForward;
import dev.quintet.core.backend.DecoderCall.Own;
import dev.quintet.core.backend.DecoderCall.Sizes;
import dev.quintet.core.backend.StoredMatrix;
import dev.quintet.core.shape.DType;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.Kernel;
import dev.quintet.kernels.driver.Launch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The launches of 5 to 16 rows on tensor cores, weights in bfloat16: `decodetensor.cuh`.
final class TensorChain implements DecoderLayers {
  /// The fewest rows: fewer have a layer's own attention in one kernel.
  static final int LEAST_ROWS = 5;

  private static final int THREADS = ProductLaunch.THREADS;

  /// Rows of a matrix in a tile, and tiles of a block of the head.
  private static final int TILE = 8;

  private static final int HEAD_TILES = 4;

  /// Columns of a head whose queries are computed at once.
  private static final int QUERIES = 64;

  /// Shared memory before a product's sums, and a tile's sums.
  private static final int SUMS = 576;

  private static final int TILE_SUMS = 4 * 128 * ProductLaunch.WARPS;

  /// Counters before those of heads and inputs.
  private static final int COUNTERS = 16;

  private final DecoderCall call;
  private final Sizes sizes;
  private final DecoderRoom room;
  private final int rows;
  private final int width;
  private final int inner;
  private final Kernel project;
  private final Kernel attend;
  private final Kernel cross;
  private final Kernel widen;
  private final Kernel add;
  private final Kernel head;
  private final ByteBuffer crossSizes;

  TensorChain(Cuda cuda, DecoderCall call, DecoderRoom room) {
    this.call = call;
    this.room = room;
    sizes = call.sizes();
    rows = sizes.rows();
    width = call.embedding().columns();
    inner = sizes.attentionWidth();
    project = kernel(cuda, "project");
    attend = kernel(cuda, "attend");
    cross = kernel(cuda, "cross");
    widen = kernel(cuda, "widen");
    add = kernel(cuda, "add");
    head = kernel(cuda, "head");
    crossSizes = CrossLaunch.struct(call, room);
  }

  private static Kernel kernel(Cuda cuda, String name) {
    return cuda.kernel(CudaDecoder.FAMILY, "decode_" + name + "_tensor");
  }

  /// How many counters a step has.
  static int counters(Sizes sizes) {
    return COUNTERS + sizes.inputs() * sizes.heads();
  }

  /// Rows of the head that a block takes at once.
  static int headRows() {
    return HEAD_TILES * TILE;
  }

  @Override
  public void run(Block block) {
    project(block.own());
    attend(block.own());
    cross(block.cross());
    widen(block.feedForward());
    add(block.feedForward().down());
  }

  private static Launch launch(Kernel kernel, long blocks, int tiles) {
    return kernel.launch().grid(blocks).threads(THREADS).shared(SUMS + tiles * TILE_SUMS);
  }

  /// Bytes that a block's product reads.
  private static long product(int tiles, int rows, int columns, boolean norm) {
    return columns * (2L * TILE * tiles + 4L * rows + (norm ? 2L * TILE : 0));
  }

  private void project(Own own) {
    int blocks = Math.ceilDiv(3 * inner, 2 * TILE);
    int counters = counters(sizes);
    launch(project, blocks, 2)
        .address(room.h())
        .address(own.norm())
        .address(own.q().address())
        .address(own.k().address())
        .address(own.v().address())
        .address(room.queries())
        .address(own.keys())
        .address(own.values())
        .address(room.state())
        .address(room.counters())
        .i32(counters)
        .i32(rows)
        .i32(width)
        .i32(inner)
        .i32(sizes.capacity())
        .f32(sizes.epsilon())
        .moves(blocks * product(2, rows, width, true) + 16L * rows * inner + 4L * counters)
        .run();
  }

  /// What a launch's blocks of O read and write.
  private long added() {
    return outputs() * product(1, rows, inner, false) + 8L * rows * width;
  }

  /// Blocks of a product that is added to the residual stream.
  private int outputs() {
    return Math.ceilDiv(width, TILE);
  }

  private void attend(Own own) {
    int pairs = rows * sizes.heads();
    int columns = sizes.headWidth();
    var struct = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    struct.putInt(rows).putInt(width).putInt(sizes.heads()).putInt(columns);
    struct.putInt(sizes.capacity()).putInt(own.reach()).flip();
    long tokens = DType.BF16.bytes((long) rows * sizes.capacity() * inner);
    long found = 2L * sizes.capacity() * (columns / 8) * (room.places() == 0 ? 1 : 2);
    int shared = 64 + 4 * ProductLaunch.WARPS * (2 + columns);
    attend
        .launch()
        .grid(pairs + outputs())
        .threads(THREADS)
        .shared(Math.max(shared, SUMS + TILE_SUMS))
        .address(room.queries())
        .address(own.keys())
        .address(own.values())
        .address(own.bias())
        .address(room.places())
        .address(room.state())
        .address(room.mixed())
        .address(own.o().address())
        .address(room.h())
        .address(room.counters())
        .struct(struct, 4)
        .moves(pairs * (4L * THREADS * 9 + 4L * columns + found) + tokens + added())
        .run();
  }

  private void cross(Cross layer) {
    int pairs = sizes.inputs() * sizes.heads();
    int columns = sizes.headWidth();
    int splits = room.splits();
    long queries =
        (long) Math.ceilDiv(columns, QUERIES) * product(QUERIES / TILE, sizes.beams(), width, true);
    long states = 4L * sizes.sources() * columns + 4L * sizes.sources() * (columns / 8);
    long results = splits == 1 ? 4L * columns : splits * (20L * columns + 8) + 4L * columns;
    cross
        .launch()
        .grid((long) pairs * splits + outputs())
        .threads(THREADS)
        .shared(SUMS + QUERIES / TILE * TILE_SUMS + 4 * sizes.beams() * columns)
        .address(room.h())
        .address(layer.norm())
        .address(layer.q().address())
        .address(layer.keys())
        .address(layer.values())
        .address(call.mask())
        .address(room.limits())
        .address(room.mixed())
        .address(room.parts())
        .address(room.statistics())
        .address(layer.o().address())
        .address(room.counters())
        .struct(crossSizes, 4)
        .moves(
            (long) pairs * splits * (queries + 4L * THREADS)
                + (long) rows * sizes.heads() * (states + results)
                + added())
        .run();
  }

  private void widen(FeedForward layer) {
    int outputs = layer.gate().rows();
    int blocks = Math.ceilDiv(outputs, layer.gated() ? TILE : 2 * TILE);
    launch(widen, blocks, 2)
        .address(room.h())
        .address(layer.norm())
        .address(layer.gate().address())
        .address(layer.gated() ? layer.up().address() : 0)
        .address(room.inner())
        .i32(rows)
        .i32(width)
        .i32(outputs)
        .i32(layer.activation().ordinal())
        .f32(sizes.epsilon())
        .moves(blocks * product(2, rows, width, true) + 4L * rows * outputs)
        .run();
  }

  private void add(StoredMatrix matrix) {
    launch(add, outputs(), 1)
        .address(room.inner())
        .address(matrix.address())
        .address(room.h())
        .i32(rows)
        .i32(matrix.columns())
        .i32(width)
        .moves(outputs() * product(1, rows, matrix.columns(), false) + 8L * rows * width)
        .run();
  }

  @Override
  public void head() {
    int vocabulary = call.head().rows();
    long pieces = Math.ceilDiv(vocabulary, headRows());
    launch(head, room.headBlocks(), HEAD_TILES)
        .address(room.h())
        .address(call.norm())
        .address(call.head().address())
        .address(room.logits())
        .address(room.best())
        .address(room.where())
        .i32(rows)
        .i32(width)
        .i32(vocabulary)
        .f32(sizes.epsilon())
        .f32(call.scale())
        .moves(
            pieces * product(HEAD_TILES, rows, width, true)
                + 4L * rows * vocabulary
                + 8L * room.headBlocks() * rows)
        .run();
  }
}
