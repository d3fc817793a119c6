package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.DecoderCall;
import dev.quintet.core.backend.DecoderCall.Block;
import dev.quintet.core.backend.DecoderCall.FeedForward;
import dev.quintet.core.backend.DecoderCall.Own;
import dev.quintet.core.backend.DecoderCall.Sizes;
import dev.quintet.core.backend.StoredMatrix;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.Kernel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The launches of layers whose products are float32's, weights in float32 or, of up to 4 rows, bfloat16:
/// `decodeproduct.cuh`.
final class FloatChain implements DecoderLayers {
  private static final int WARP = 32;
  private static final int ATTEND_THREADS = 128;
  private static final int OWN_BYTES = 32;

  private final DecoderCall call;
  private final Sizes sizes;
  private final DecoderRoom room;
  private final int width;
  private final ProductLaunch products;
  private final CrossLaunch cross;
  private final Kernel project;
  private final Kernel attend;
  private final Kernel own;
  private final Kernel add;
  private final Kernel merge;
  private final Kernel widen;
  private final Kernel head;
  private final ByteBuffer ownSizes = ByteBuffer.allocate(OWN_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  FloatChain(Cuda cuda, DecoderCall call, DecoderRoom room) {
    this.call = call;
    this.room = room;
    sizes = call.sizes();
    width = call.embedding().columns();
    products = ProductLaunch.of(call.type(), sizes.rows());
    cross = new CrossLaunch(cuda, call, room);
    project = cuda.kernel(CudaDecoder.FAMILY, "decode_project_f32_16");
    attend = cuda.kernel(CudaDecoder.FAMILY, "decode_attend_f32");
    own = products.kernel(cuda, "own");
    add = products.kernel(cuda, "add");
    merge = products.kernel(cuda, "merge");
    widen = products.kernel(cuda, "widen");
    head = products.kernel(cuda, "head");
  }

  @Override
  public void run(Block block) {
    if (room.few()) {
      own(block.own());
    } else {
      project(block.own());
      attend(block.own());
      add(room.mixed(), block.own().o(), 0);
    }
    cross.run(block);
    int heads = room.few() ? sizes.heads() : 0;
    if (room.splits() > 1) {
      merge(block.cross().o(), heads);
    } else {
      add(room.mixed(), block.cross().o(), heads);
    }
    widen(block.feedForward());
    add(room.inner(), block.feedForward().down(), 0);
  }

  private void project(Own own) {
    int inner = sizes.attentionWidth();
    new ProductLaunch(call.type(), sizes.rows(), CudaDecoder.MOST_ROWS)
        .normed(project, 3 * inner, 3 * inner, width)
        .address(room.h())
        .address(own.norm())
        .address(own.q().address())
        .address(own.k().address())
        .address(own.v().address())
        .address(room.queries())
        .address(own.keys())
        .address(own.values())
        .address(room.state())
        .i32(sizes.rows())
        .i32(width)
        .i32(inner)
        .i32(sizes.capacity())
        .f32(sizes.epsilon())
        .run();
  }

  /// Bytes of keys and values of all tokens that there is room for.
  private long tokens(int heads) {
    return 2
        * call.type().bytes((long) sizes.rows() * sizes.capacity() * heads * sizes.headWidth());
  }

  private void attend(Own own) {
    long blocks = (long) sizes.heads() * sizes.rows();
    int team = (int) call.type().bytes(sizes.headWidth()) / 16;
    long found = 2L * sizes.capacity() * team * (room.places() == 0 ? 1 : 2);
    long each = 4L * ATTEND_THREADS * (1 + 16 / call.type().bytes()) + 4L * sizes.headWidth();
    attend
        .launch()
        .grid(sizes.heads(), sizes.rows(), 1)
        .threads(ATTEND_THREADS)
        .shared(ATTEND_THREADS / WARP * 4 * (2 + sizes.headWidth()))
        .address(room.queries())
        .address(own.keys())
        .address(own.values())
        .address(own.bias())
        .address(room.places())
        .address(room.state())
        .address(room.mixed())
        .i32(sizes.rows())
        .i32(sizes.heads())
        .i32(sizes.headWidth())
        .i32(sizes.capacity())
        .i32(own.reach())
        .moves(blocks * (each + found) + tokens(sizes.heads()) / 2)
        .run();
  }

  private void own(Own layer) {
    int rows = sizes.rows();
    int columns = sizes.headWidth();
    int slice = (width + room.slices() - 1) / room.slices();
    int most = ProductLaunch.most(rows);
    ownSizes
        .clear()
        .putInt(rows)
        .putInt(width)
        .putInt(sizes.heads())
        .putInt(columns)
        .putInt(sizes.capacity())
        .putInt(layer.reach())
        .putInt(slice)
        .putFloat(sizes.epsilon())
        .flip();
    long blocks = (long) sizes.heads() * room.slices();
    long warps = 3L * columns / ProductLaunch.each(rows);
    long each =
        4L * rows * width * (1 + warps)
            + call.type().bytes(width * (3L * columns + warps))
            + 4L * ProductLaunch.THREADS
            + 4L * WARP * rows;
    own.launch()
        .grid(sizes.heads(), room.slices(), 1)
        .threads(ProductLaunch.THREADS)
        .shared(4 * (CudaDecoder.MOST_ROWS + 4 * most * columns + 8 * (2 + columns)))
        .address(room.h())
        .address(layer.norm())
        .address(layer.q().address())
        .address(layer.k().address())
        .address(layer.v().address())
        .address(layer.o().address())
        .address(layer.keys())
        .address(layer.values())
        .address(layer.bias())
        .address(room.places())
        .address(room.state())
        .address(room.sums())
        .struct(ownSizes, 4)
        .moves(
            blocks * each
                + call.type().bytes((long) width * sizes.attentionWidth())
                + 4L * sizes.heads() * rows * width
                + room.slices() * tokens(sizes.heads()) / 2)
        .run();
  }

  /// @param heads whose sums belong to the residual stream from here on
  private void add(long x, StoredMatrix matrix, int heads) {
    int blocks = ProductLaunch.blocks(width, sizes.rows());
    add.launch()
        .grid(blocks)
        .threads(ProductLaunch.THREADS)
        .address(x)
        .address(matrix.address())
        .address(room.sums())
        .i32(heads)
        .address(room.h())
        .i32(sizes.rows())
        .i32(matrix.columns())
        .i32(width)
        .moves(
            products.bytes((long) blocks * ProductLaunch.WARPS, width, matrix.columns(), false)
                + 4L * sizes.rows() * width * (1 + heads))
        .run();
  }

  private void merge(StoredMatrix matrix, int heads) {
    int blocks = ProductLaunch.blocks(width, sizes.rows());
    int rows = sizes.rows();
    int columns = matrix.columns();
    merge
        .launch()
        .grid(blocks)
        .threads(ProductLaunch.THREADS)
        .shared(4 * rows * columns)
        .address(room.parts())
        .address(room.statistics())
        .address(matrix.address())
        .address(room.sums())
        .i32(heads)
        .address(room.h())
        .i32(room.splits())
        .i32(rows)
        .i32(columns)
        .i32(sizes.headWidth())
        .i32(width)
        .moves(
            products.bytes((long) blocks * ProductLaunch.WARPS, width, columns, false)
                - 32L * blocks * rows * columns
                + 16L * blocks * room.splits() * rows * columns
                + 4L * rows * width * (1 + heads))
        .run();
  }

  private void widen(FeedForward layer) {
    int inner = layer.gate().rows();
    products
        .normed(widen, layer.gated() ? 2 * inner : inner, inner, width)
        .address(room.h())
        .address(layer.norm())
        .address(layer.gate().address())
        .address(layer.gated() ? layer.up().address() : 0)
        .address(room.inner())
        .i32(sizes.rows())
        .i32(width)
        .i32(inner)
        .i32(layer.activation().ordinal())
        .f32(sizes.epsilon())
        .run();
  }

  @Override
  public void head() {
    products
        .head(head, room.headBlocks(), call.head().rows(), width)
        .address(room.h())
        .address(call.norm())
        .address(call.head().address())
        .address(room.logits())
        .address(room.best())
        .address(room.where())
        .i32(sizes.rows())
        .i32(width)
        .i32(call.head().rows())
        .f32(sizes.epsilon())
        .f32(call.scale())
        .run();
  }
}
