package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.BeamCall;
import dev.quintet.core.backend.DrawState;
import dev.quintet.core.backend.Selection;
import dev.quintet.core.backend.SelectionKernels;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.Kernel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/// Launches `select.cu`.
final class CudaSelection implements SelectionKernels {
  /// Ids that a rule has room for.
  private static final int MOST_FORBIDDEN = 224;

  private static final int RULE_BYTES = 32 + 4 * MOST_FORBIDDEN;

  /// Shared memory that every launch can have, and what a choice takes of it beside a bit for each id.
  private static final int MOST_SHARED = 48 << 10;

  private static final int SHARED_LIKELIEST = 512;
  private static final int SHARED_DRAWN = 12_800;

  private static final int MOST_THREADS = 1024;
  private static final int FORBID_THREADS = 256;
  private static final int STATE_BYTES = 32; // three words read, one written

  /// Ids of a row that a block takes, the most pieces of an input's rows, continuations and rows.
  private static final int PIECE = 2048;

  private static final int MOST_PIECES = 1024;
  private static final int MOST_CONTINUATIONS = 64;
  private static final int MOST_ROWS = 65_535;
  private static final int BEAM_THREADS = 256;
  private static final int BEAM_WARPS = BEAM_THREADS / 32;

  private final Cuda cuda;
  private final Backend backend;
  private final boolean plain;
  private final Kernel likeliest;
  private final Kernel drawn;
  private final Kernel forbid;
  private final Kernel beamSums;
  private final Kernel beams;

  CudaSelection(Cuda cuda, Backend backend) {
    this(cuda, backend, false);
  }

  /// @param backend whose kernels beams take where theirs cannot
  /// @param plain whether bounds are found by passes over whole rows only, and beams by other kernels
  CudaSelection(Cuda cuda, Backend backend, boolean plain) {
    this.cuda = cuda;
    this.backend = backend;
    this.plain = plain;
    likeliest = cuda.kernel("select", "select_likeliest");
    drawn = cuda.kernel("select", "select_drawn");
    forbid = cuda.kernel("select", "select_forbid");
    beamSums = cuda.kernel("select", "select_beam_sums");
    beams = cuda.kernel("select", "select_beams");
  }

  @Override
  public Backend backend() {
    return backend;
  }

  @Override
  public boolean selects(Selection rule, int width) {
    return rule.forbidden().size() <= MOST_FORBIDDEN
        && SHARED_DRAWN + bits(rule.forbidden(), width) <= MOST_SHARED;
  }

  @Override
  public void select(
      Selection rule, int rows, int width, long logits, DrawState state, long tokens) {
    if (rows == 0) {
      return;
    }
    int threads = Math.clamp(Math.ceilDiv(width, 128) * 32L, 32, MOST_THREADS);
    int bits = bits(rule.forbidden(), width);
    long row = 4L * width;
    if (rule.draws()) {
      drawn
          .launch()
          .grid(rows)
          .threads(threads)
          .shared(SHARED_DRAWN + bits)
          .address(logits)
          .address(state.address())
          .address(tokens)
          .i32(plain ? 1 : 0)
          .struct(struct(rule, width), 4)
          .moves(rows * (passes(rule) * row + walked(rule, width, threads) + STATE_BYTES + 4))
          .run();
    } else {
      likeliest
          .launch()
          .grid(rows)
          .threads(threads)
          .shared(SHARED_LIKELIEST + bits)
          .address(logits)
          .address(tokens)
          .struct(struct(rule, width), 4)
          .moves(rows * (row + 4))
          .run();
    }
  }

  /// How often a row is read, where what is left of it fits into the list: for its largest score, twice for the list or for
  /// the draw; for top-p without top-k twice more, and once for min-p of whole rows.
  private static int passes(Selection rule) {
    if (rule.topK() > 0) {
      return 3;
    }
    return rule.topP() < 1 ? 5 : rule.minP() > 0 ? 3 : 2;
  }

  /// Bytes that the warp reads again in whose share a draw from a whole row falls.
  private static long walked(Selection rule, int width, int threads) {
    boolean lists = rule.topK() > 0 || rule.topP() < 1;
    return lists ? 0 : 4L * Math.min(width, 128 * Math.ceilDiv(width, 4 * threads));
  }

  /// Bytes of a bit for each id, where some are forbidden.
  private static int bits(List<Integer> forbidden, int width) {
    return forbidden.isEmpty() ? 0 : 4 * Math.ceilDiv(width, 32);
  }

  /// Two launches that leave the logits as they are, where there is room for what is wanted.
  @Override
  public void beams(BeamCall call, long logits, long sums, long scores, long places) {
    int width = call.width();
    int count = call.count();
    int pieces = Math.ceilDiv(width, PIECE);
    long rows = (long) call.inputs() * call.beams();
    if (plain
        || call.forbidden().size() > MOST_FORBIDDEN
        || (long) call.beams() * pieces > MOST_PIECES
        || count > MOST_CONTINUATIONS
        || rows > MOST_ROWS
        || (long) call.beams() * width > Integer.MAX_VALUE) {
      SelectionKernels.super.beams(call, logits, sums, scores, places);
      return;
    }
    if (rows == 0) {
      return;
    }
    long blocks = rows * pieces;
    long bytes = 8 * blocks * (count + 1) + 4L * call.inputs();
    long lists = cuda.memory().allocate(bytes);
    long parts = lists + 8 * blocks * count;
    long counters = parts + 8 * blocks;
    beamSums
        .launch()
        .grid(pieces, (int) rows, 1)
        .threads(BEAM_THREADS)
        .shared(4 * 32)
        .address(logits)
        .address(parts)
        .address(counters)
        .i32(width)
        .i32(call.beams())
        .moves(4 * rows * width + 8 * blocks + 4L * call.inputs())
        .run();
    var struct = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    struct.putInt(call.beams()).putInt(count).putInt(pieces).flip();
    long each = BEAM_WARPS * (12L * pieces + 4) + 8L * count;
    beams
        .launch()
        .grid(pieces, (int) rows, 1)
        .threads(BEAM_THREADS)
        .shared(512)
        .address(logits)
        .address(sums)
        .address(parts)
        .address(lists)
        .address(counters)
        .address(scores)
        .address(places)
        .struct(struct, 4)
        .struct(rule(call.forbidden(), width), 4)
        .moves(4 * rows * width + blocks * (each + 8) + 16L * call.inputs() * count)
        .run();
    cuda.memory().release(lists, bytes);
  }

  /// The struct `Rule` of the kernels.
  private static ByteBuffer struct(Selection rule, int width) {
    return rule(rule.forbidden(), width)
        .putFloat(0, rule.draws() ? rule.temperature() : 1)
        .putFloat(4, (float) (1 - rule.topP()))
        .putFloat(8, rule.minP())
        .putInt(12, rule.topK())
        .putInt(16, rule.topP() < 1 ? 1 : 0);
  }

  private static ByteBuffer rule(List<Integer> forbidden, int width) {
    ByteBuffer struct = ByteBuffer.allocate(RULE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    struct.putInt(20, width).putInt(24, forbidden.size());
    for (int i = 0; i < forbidden.size(); i++) {
      struct.putInt(32 + 4 * i, forbidden.get(i));
    }
    return struct;
  }

  @Override
  public void forbid(List<Integer> ids, int rows, int width, long logits) {
    if (ids.size() > MOST_FORBIDDEN) {
      SelectionKernels.super.forbid(ids, rows, width, logits);
    } else if (!ids.isEmpty() && rows > 0) {
      forbid
          .launch()
          .grid(rows)
          .threads(FORBID_THREADS)
          .address(logits)
          .struct(rule(ids, width), 4)
          .moves(4L * rows * ids.size())
          .run();
    }
  }
}
