package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.DecoderCall;
import dev.quintet.core.backend.DecoderCall.Sizes;
import dev.quintet.core.shape.DType;
import dev.quintet.kernels.driver.Chip;

/// How a planned step's work is cut for a chip, and where it lies.
///
/// @param floats that all takes together
/// @param state address of the step's numbers, int32 `[STATE]`, whose places `decode.cu` names
/// @param limits address of what lies behind the last source token seen, int32 `[inputs]`
/// @param places address of two tables of beams' tokens, int32 `[2, rows, capacity]`; 0 for none
/// @param h address of the residual stream, `[rows, D]`
/// @param queries address of `[rows, H K]`
/// @param mixed address of what attention gives, `[rows, H K]`
/// @param inner address of `[rows, F]`
/// @param sums address of what heads add to the residual stream, `[H, rows, D]`; 0 where the first chain is taken
/// @param parts address of attention's parts, `[splits, rows, H K]`; 0 without splits
/// @param statistics address of `[splits, rows, H, 2]`
/// @param counters address of int32 counters, as many as [TensorChain#counters] says; 0 where tensor cores are not taken
/// @param logits address of `[rows, V]`
/// @param best address of the blocks' best logits, `[headBlocks, rows]`
/// @param where address of their ids
/// @param splits of the source tokens
/// @param slices of O's rows in `decode_own`
/// @param headBlocks of the head
record DecoderRoom(
    long floats,
    long state,
    long limits,
    long places,
    long h,
    long queries,
    long mixed,
    long inner,
    long sums,
    long parts,
    long statistics,
    long counters,
    long logits,
    long best,
    long where,
    int splits,
    int slices,
    int headBlocks) {

  /// The most tokens that are chosen before the host looks.
  static final int MOST_CHOSEN = 64;

  /// Numbers of the state before those of the tokens chosen.
  static final int HISTORY = 106;

  /// Source tokens that are worth a block.
  private static final int LEAST_SPLIT = 64;

  private static final int MOST_SPLITS = 8;

  /// Rows of O that are worth a block.
  private static final int LEAST_SLICE = 128;

  /// The most bytes of attention's merged parts in shared memory.
  private static final long MOST_MERGED = 48 << 10;

  /// Whether a layer's own attention is one kernel.
  boolean few() {
    return sums != 0;
  }

  /// Whether products are taken by tensor cores.
  boolean tensor() {
    return counters != 0;
  }

  /// Whether they are, of a call, where the plain chain is not wanted.
  static boolean tensor(DecoderCall call, boolean plain) {
    return !plain && call.type() == DType.BF16 && call.sizes().rows() >= TensorChain.LEAST_ROWS;
  }

  /// @param plain whether the plain chain is taken
  /// @param address of the room; 0 to count only
  static DecoderRoom of(Chip chip, DecoderCall call, boolean plain, long address) {
    Sizes sizes = call.sizes();
    long rows = sizes.rows();
    long width = call.embedding().columns();
    long attention = sizes.attentionWidth();
    int vocabulary = call.head().rows();
    long inner =
        call.blocks().stream()
            .mapToLong(block -> block.feedForward().gate().rows())
            .max()
            .orElse(0);
    boolean few = !plain && rows < TensorChain.LEAST_ROWS;
    boolean tensor = tensor(call, plain);
    int pairs = sizes.heads() * sizes.inputs();
    int most = tensor || rows * attention * Float.BYTES <= MOST_MERGED ? MOST_SPLITS : 1;
    int splits =
        Math.clamp(
            Math.min(sizes.sources() / LEAST_SPLIT, (chip.processors() + pairs - 1) / pairs),
            1,
            most);
    int slices =
        Math.clamp(
            Math.min(width / LEAST_SLICE, chip.processors() / sizes.heads()), 1, Integer.MAX_VALUE);
    int pieces =
        tensor
            ? Math.ceilDiv(vocabulary, TensorChain.headRows())
            : ProductLaunch.blocks(vocabulary, (int) rows);
    int blocks = Math.min(pieces, 2 * chip.processors());
    var cut = new Cut(address);
    return new DecoderRoom(
            0,
            cut.take(HISTORY + MOST_CHOSEN * rows),
            cut.take(sizes.inputs()),
            sizes.beams() > 1 ? cut.take(2 * rows * sizes.capacity()) : 0,
            cut.take(rows * width),
            cut.take(rows * attention),
            cut.take(rows * attention),
            cut.take(rows * inner),
            few ? cut.take(sizes.heads() * rows * width) : 0,
            splits > 1 ? cut.take(splits * rows * attention) : 0,
            splits > 1 ? cut.take(2L * splits * rows * sizes.heads()) : 0,
            tensor ? cut.take(TensorChain.counters(sizes)) : 0,
            cut.take(rows * vocabulary),
            cut.take(blocks * rows),
            cut.take(blocks * rows),
            splits,
            slices,
            blocks)
        .taking(cut.taken);
  }

  private DecoderRoom taking(long taken) {
    return new DecoderRoom(
        taken,
        state,
        limits,
        places,
        h,
        queries,
        mixed,
        inner,
        sums,
        parts,
        statistics,
        counters,
        logits,
        best,
        where,
        splits,
        slices,
        headBlocks);
  }

  /// Cuts pieces at multiples of 64 bytes.
  private static final class Cut {
    private static final int LINE = 16;

    private final long address;
    private long taken;

    Cut(long address) {
      this.address = address;
    }

    long take(long elements) {
      long at = address + taken * Float.BYTES;
      taken += (elements + LINE - 1) / LINE * LINE;
      return at;
    }
  }
}
