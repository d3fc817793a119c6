package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.AttentionKernels.Inputs;
import dev.quintet.core.backend.AttentionKernels.Results;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.shape.DType;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.Kernel;
import dev.quintet.kernels.driver.Launch;
import dev.quintet.kernels.driver.Tiles;
import java.nio.ByteBuffer;

/// Launches of `attentionflash.cuh`: bfloat16 of width 64 on tensor cores, with a bias by distance or none. By Hopper's own instructions
/// (`attention_hopper.cu`) tiles are brought by the copy engine, which wants a row's keys to begin a multiple of a token apart.
final class CudaAttentionFlash implements AttentionRung {
  private static final int WIDTH = 64;
  private static final int TILE = 64;
  private static final int THREADS = 128;

  /// Bytes of a tile.
  private static final int BYTES = TILE * WIDTH * 2;

  /// `Beside::BYTES` and `OfQueries::BYTES` of the sources.
  private static final int BESIDE = 2640;

  private static final int OF_QUERIES = 2576;

  /// The largest distance that a block has room to sum.
  private static final int FARTHEST = 4096;

  /// Distances of a query and a key in a pair of tiles.
  private static final int DISTANCES = 2 * TILE - 1;

  /// `GroupTiles::BYTES` of the sources.
  private static final int BARRIERS = 24;

  private final Cuda cuda;
  private final boolean hopper;
  private final Kernel forward;
  private final Kernel delta;
  private final Kernel queries;
  private final Kernel keys;

  /// @param hopper whether by the instructions that 9.0 alone has
  CudaAttentionFlash(Cuda cuda, boolean hopper) {
    this.cuda = cuda;
    this.hopper = hopper;
    this.forward = kernel("forward");
    this.delta = cuda.kernel("attention", "attention_flash_delta_64");
    this.queries = kernel("backward_queries");
    this.keys = kernel("backward_keys");
  }

  private Kernel kernel(String name) {
    String family = hopper ? "attention_hopper" : "attention";
    return cuda.kernel(family, (hopper ? family : "attention_flash") + "_" + name + "_bf16_64");
  }

  /// Whether these kernels take a call whose operands lie at these addresses, of which 0 is none.
  static boolean takes(AttentionCall call, Inputs in, long... others) {
    long all = in.q() | in.k() | in.v() | 2 * call.sizes().keyBatchStride();
    for (long address : others) {
      all |= address;
    }
    return call.type() == DType.BF16
        && call.width() == WIDTH
        && (all & 15) == 0
        && (!call.bias().present() || call.bias().relative());
  }

  /// Whether the copy engine finds the keys of a call that [#takes] says yes to.
  static boolean copies(AttentionCall call) {
    long token = (long) call.heads() * WIDTH;
    long stride = call.sizes().keyBatchStride();
    return CudaAttention.rows(call) == 1
        || stride == 0
        || (stride % token == 0 && stride >= call.keys() * token);
  }

  /// Whether a block has room for the sums over so many distances.
  static boolean sums(int reach) {
    return reach <= FARTHEST;
  }

  @Override
  public void forward(AttentionCall call, Inputs in, Results to) {
    var tiles = new AttentionTiles(call, TILE);
    long row = 2L * WIDTH;
    long each =
        row * (2L * call.queries() + 2 * tiles.keysLoaded())
            + beside(tiles, tiles.pairs(), tiles.queryBlocks())
            + 4L * call.queries();
    launch(forward, call, in, 0, tiles.queryBlocks(), 5 * BYTES + BESIDE)
        .address(to.out())
        .address(to.logSumExp())
        .moves(tiles.heads() * (each + tiles.perThread() * THREADS * tiles.queryBlocks()))
        .run();
  }

  @Override
  public void delta(AttentionCall call, long tokens, long out, Saved saved) {
    long rows = tokens * call.heads();
    int inBlock = 256 / (WIDTH / 8);
    delta
        .launch()
        .grid(Math.min((rows + inBlock - 1) / inBlock, 16L * cuda.chip().processors()))
        .threads(256)
        .address(out)
        .address(saved.dOut())
        .address(saved.delta())
        .i64(tokens)
        .i32(call.heads())
        .moves(rows * (4L * WIDTH + 4))
        .run();
  }

  @Override
  public long strips(AttentionCall call) {
    var tiles = new AttentionTiles(call, TILE);
    return tiles.queryBlocks() * tiles.rows();
  }

  @Override
  public void queries(AttentionCall call, Inputs in, Saved saved, Gradient q, Strips strips) {
    var tiles = new AttentionTiles(call, TILE);
    boolean sums = strips.address() != 0;
    long row = 2L * WIDTH;
    long length = 2L * strips.reach() + 1;
    long each =
        row * (2L * call.queries() + 2 * tiles.keysLoaded())
            + beside(tiles, tiles.pairs(), tiles.queryBlocks())
            + 4L * 8 * call.queries()
            + CudaAttentionPlain.stored(q, row * call.queries())
            + (sums ? 4 * length * tiles.queryBlocks() : 0);
    int shared = 6 * BYTES + BESIDE + (sums ? (int) (4 * length) : 0);
    launch(queries, call, in, saved.dOut(), tiles.queryBlocks(), shared)
        .address(saved.dOut())
        .address(saved.logSumExp())
        .address(saved.delta())
        .address(q.address())
        .i32(q.add() ? 1 : 0)
        .address(strips.address())
        .i32(strips.reach())
        .moves(tiles.heads() * (each + tiles.perThread() * THREADS * tiles.queryBlocks()))
        .run();
  }

  @Override
  public void keys(AttentionCall call, Inputs in, Saved saved, Gradient k, Gradient v) {
    var tiles = new AttentionTiles(call, TILE);
    long row = 2L * WIDTH;
    long each =
        row * (2L * call.keys() + 2 * tiles.queriesLoaded())
            + beside(tiles, tiles.pairsOfKeys(), tiles.keyBlocks())
            + 8 * tiles.queriesLoaded()
            + CudaAttentionPlain.stored(k, row * call.keys())
            + CudaAttentionPlain.stored(v, row * call.keys());
    launch(keys, call, in, saved.dOut(), tiles.keyBlocks(), 6 * BYTES + BESIDE + OF_QUERIES)
        .address(saved.dOut())
        .address(saved.logSumExp())
        .address(saved.delta())
        .address(k.address())
        .i32(k.add() ? 1 : 0)
        .address(v.address())
        .i32(v.add() ? 1 : 0)
        .moves(tiles.heads() * (each + tiles.perThread() * THREADS * tiles.keyBlocks()))
        .run();
  }

  private Launch launch(
      Kernel kernel, AttentionCall call, Inputs in, long dOut, long blocks, int shared) {
    Launch launch =
        kernel
            .launch()
            .grid(blocks, call.heads(), (int) CudaAttention.rows(call))
            .threads(THREADS)
            .shared(shared + (hopper ? BARRIERS : 0));
    if (hopper) {
      launch.struct(maps(call, in, dOut), 64);
    }
    return launch.struct(AttentionStruct.of(cuda, call, in), AttentionStruct.ALIGNMENT);
  }

  /// `AttentionMaps` of `attentionhopper.cuh`.
  private ByteBuffer maps(AttentionCall call, Inputs in, long dOut) {
    long rows = CudaAttention.rows(call);
    long token = (long) call.heads() * WIDTH;
    long stride = call.sizes().keyBatchStride();
    boolean one = rows == 1 || stride == 0; // whose stride may be anything
    long[] addresses = {in.q(), in.k(), in.v(), dOut};
    ByteBuffer all = ByteBuffer.allocate(addresses.length * Cuda.MAP_BYTES);
    for (int i = 0; i < addresses.length; i++) {
      boolean ofKeys = i == 1 || i == 2;
      int tokens = ofKeys ? call.keys() : call.queries();
      long matrices = ofKeys && one ? 1 : rows;
      long next = ofKeys && !one ? stride : tokens * token;
      if (addresses[i] != 0 && tokens > 0) { // of nothing there is no map, and nobody loads it
        var tiles = new Tiles(addresses[i], tokens, token, token, matrices, next, TILE, WIDTH);
        all.put(i * Cuda.MAP_BYTES, cuda.map(tiles), 0, Cuda.MAP_BYTES);
      }
    }
    return all;
  }

  /// Bytes of the bias and of numbers that a head's pairs of tiles load.
  private static long beside(AttentionTiles tiles, long pairs, long blocks) {
    AttentionCall call = tiles.call();
    long biases = DISTANCES * pairs;
    if (call.masks().causal()) { // those behind the query are not looked up
      biases -= TILE * blocks;
    }
    long numbers = tiles.numbers() == 0 ? 0 : TILE * pairs + 5L * TILE * blocks;
    return 4 * ((call.bias().present() ? biases : 0) + numbers);
  }
}
