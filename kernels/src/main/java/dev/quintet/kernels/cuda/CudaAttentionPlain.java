package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.AttentionKernels.Inputs;
import dev.quintet.core.backend.AttentionKernels.Results;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.shape.DType;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.Kernel;
import dev.quintet.kernels.driver.Launch;
import java.util.EnumMap;
import java.util.Map;

/// Launches of `attentionplain.cuh`: any width, type, bias and masks.
final class CudaAttentionPlain implements AttentionRung {
  private static final int TILE = 32;
  private static final int THREADS = 256;
  private static final int WARP = 32;

  /// Columns of results that a block makes.
  private static final int PART = 128;

  /// Columns of operands that a block keeps.
  private static final int PANEL = 64;

  /// `PLAIN_BYTES` of the source.
  private static final int SHARED = 4 * (TILE * 65 * 4) + (TILE * 33 + 64) * 4 + 32;

  private final Cuda cuda;
  private final Map<DType, Of> kernels = new EnumMap<>(DType.class);

  /// The kernels for operands of a type.
  private record Of(Kernel forward, Kernel delta, Kernel queries, Kernel keys, Kernel bias) {}

  CudaAttentionPlain(Cuda cuda) {
    this.cuda = cuda;
    for (DType type : new DType[] {DType.F32, DType.BF16}) {
      kernels.put(
          type,
          new Of(
              cuda.kernel("attention", named("forward", type)),
              cuda.kernel("attention", named("delta", type)),
              cuda.kernel("attention", named("backward_queries", type)),
              cuda.kernel("attention", named("backward_keys", type)),
              cuda.kernel("attention", named("backward_bias", type))));
    }
  }

  @Override
  public void forward(AttentionCall call, Inputs in, Results to) {
    var tiles = new AttentionTiles(call, TILE);
    long element = call.type().bytes();
    long own = call.width() > PANEL ? tiles.pairs() * TILE : call.queries();
    long each =
        element * call.width() * parts(call) * (own + tiles.keysLoaded())
            + element * call.width() * (tiles.keysLoaded() + call.queries())
            + parts(call) * scores(tiles)
            + 4L * call.queries();
    launch(of(call).forward, call, in, tiles.queryBlocks())
        .address(to.out())
        .address(to.logSumExp())
        .moves(tiles.heads() * each + everyThread(tiles, tiles.queryBlocks()))
        .run();
  }

  @Override
  public void delta(AttentionCall call, long tokens, long out, Saved saved) {
    long rows = tokens * call.heads();
    of(call)
        .delta
        .launch()
        .grid(Math.min((rows + 7) / 8, 16L * cuda.chip().processors()))
        .threads(THREADS)
        .address(out)
        .address(saved.dOut())
        .address(saved.delta())
        .i64(tokens)
        .i32(call.heads())
        .i32(call.width())
        .moves(rows * (2L * call.type().bytes() * call.width() + 4))
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
    boolean wide = call.width() > PANEL;
    long own = wide ? tiles.pairs() * TILE : call.queries();
    long row = (long) call.type().bytes() * call.width();
    long each =
        2 * row * parts(call) * (own + tiles.keysLoaded())
            + (wide && q.wanted() ? row * tiles.keysLoaded() : 0)
            + stored(q, row * call.queries())
            + parts(call) * (scores(tiles) + 8L * WARP * call.queries())
            + (strips.address() == 0
                ? 0
                : 4L * (2 * strips.reach() + 1) * tiles.queryBlocks()
                    + 8L * (2 * TILE + 1) * tiles.pairs());
    launch(of(call).queries, call, in, tiles.queryBlocks())
        .address(saved.dOut())
        .address(saved.logSumExp())
        .address(saved.delta())
        .address(q.address())
        .i32(q.add() ? 1 : 0)
        .address(strips.address())
        .i32(strips.reach())
        .moves(tiles.heads() * each + everyThread(tiles, tiles.queryBlocks()))
        .run();
  }

  @Override
  public void keys(AttentionCall call, Inputs in, Saved saved, Gradient k, Gradient v) {
    var tiles = new AttentionTiles(call, TILE);
    boolean wide = call.width() > PANEL;
    long own = wide ? tiles.pairsOfKeys() * TILE : call.keys();
    long row = (long) call.type().bytes() * call.width();
    long again = wide ? (k.wanted() ? 1 : 0) + (v.wanted() ? 1 : 0) : 0;
    long each =
        2 * row * parts(call) * (own + tiles.queriesLoaded())
            + again * row * tiles.queriesLoaded()
            + stored(k, row * call.keys())
            + stored(v, row * call.keys())
            + parts(call) * (scores(tiles) + 8L * (THREADS / WARP) * tiles.queriesLoaded());
    launch(of(call).keys, call, in, tiles.keyBlocks())
        .address(saved.dOut())
        .address(saved.logSumExp())
        .address(saved.delta())
        .address(k.address())
        .i32(k.add() ? 1 : 0)
        .address(v.address())
        .i32(v.add() ? 1 : 0)
        .moves(tiles.heads() * each + everyThread(tiles, tiles.keyBlocks()))
        .run();
  }

  /// The gradient of a full bias.
  void bias(AttentionCall call, Inputs in, Saved saved, Gradient bias) {
    var tiles = new AttentionTiles(call, TILE);
    int rows = call.bias().batchStride() != 0 ? call.batch() : 1;
    int heads = call.bias().headStride() != 0 ? call.heads() : 1;
    long row = (long) call.type().bytes() * call.width();
    long both = tiles.queryBlocks() * call.keys() + tiles.keyBlocks() * call.queries();
    long each = 2 * row * both + scores(tiles) + 8L * WARP * call.queries() * tiles.keyBlocks();
    of(call)
        .bias
        .launch()
        .grid((long) rows * heads, (int) tiles.queryBlocks(), (int) tiles.keyBlocks())
        .threads(THREADS)
        .shared(SHARED)
        .struct(AttentionStruct.of(cuda, call, in), AttentionStruct.ALIGNMENT)
        .address(saved.dOut())
        .address(saved.logSumExp())
        .address(saved.delta())
        .address(bias.address())
        .i32(bias.add() ? 1 : 0)
        .moves(tiles.heads() * each + stored(bias, 4 * call.biasElements()))
        .run();
  }

  private Launch launch(Kernel kernel, AttentionCall call, Inputs in, long blocks) {
    return kernel
        .launch()
        .grid(blocks, call.heads() * parts(call), (int) CudaAttention.rows(call))
        .threads(THREADS)
        .shared(SHARED)
        .struct(AttentionStruct.of(cuda, call, in), AttentionStruct.ALIGNMENT);
  }

  private Of of(AttentionCall call) {
    Of of = kernels.get(call.type());
    if (of == null) {
      throw new IllegalArgumentException(
          "attention computes in float32 and bfloat16, not in " + call.type());
    }
    return of;
  }

  private static String named(String name, DType type) {
    return "attention_plain_" + name + (type == DType.BF16 ? "_bf16" : "_f32");
  }

  private static int parts(AttentionCall call) {
    return Math.max(1, (call.width() + PART - 1) / PART);
  }

  /// Bytes that the scores of a head load beside their products.
  private static long scores(AttentionTiles tiles) {
    int bias = tiles.call().bias().present() ? 4 : 0;
    return tiles.seen() * (bias + tiles.numbers());
  }

  private static long everyThread(AttentionTiles tiles, long blocks) {
    return tiles.perThread() * THREADS * blocks * tiles.heads() * parts(tiles.call());
  }

  static long stored(Gradient gradient, long bytes) {
    return !gradient.wanted() ? 0 : gradient.add() ? 2 * bytes : bytes;
  }
}
