package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.Backend;
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

  private final Cuda cuda;
  private final Backend backend;
  private final boolean whole;
  private final Kernel likeliest;
  private final Kernel drawn;
  private final Kernel forbid;

  CudaSelection(Cuda cuda, Backend backend) {
    this(cuda, backend, false);
  }

  /// @param backend whose kernels beams take
  /// @param whole whether bounds are found by passes over whole rows only
  CudaSelection(Cuda cuda, Backend backend, boolean whole) {
    this.cuda = cuda;
    this.backend = backend;
    this.whole = whole;
    likeliest = cuda.kernel("select", "select_likeliest");
    drawn = cuda.kernel("select", "select_drawn");
    forbid = cuda.kernel("select", "select_forbid");
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
          .i32(whole ? 1 : 0)
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
