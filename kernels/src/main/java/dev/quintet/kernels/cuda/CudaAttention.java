package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.AttentionCall.Kind;
import dev.quintet.core.backend.AttentionKernels;
import dev.quintet.core.backend.Gradient;
import dev.quintet.kernels.cuda.AttentionRung.Saved;
import dev.quintet.kernels.cuda.AttentionRung.Strips;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.Kernel;
import java.util.Optional;

/// Attention on the device: which of `attention.cu`'s kernels a call takes, and room for what they leave to each other.
///
/// Nothing is read by the host: faulty starts of rows are found by the kernels, and told by the next wait.
final class CudaAttention implements AttentionKernels {
  private final Cuda cuda;
  private final CudaAttentionPlain plainly;
  private final CudaAttentionFlash flash;
  private final Optional<CudaAttentionFlash> hopper;
  private final Kernel strips;

  CudaAttention(Cuda cuda) {
    this(cuda, Hopper.takes(cuda, "attention_hopper", "attention"));
  }

  /// @param hopper whether to go by Hopper's own instructions where a call can
  CudaAttention(Cuda cuda, boolean hopper) {
    this.cuda = cuda;
    this.plainly = new CudaAttentionPlain(cuda);
    this.flash = new CudaAttentionFlash(cuda, false);
    this.hopper = hopper ? Optional.of(new CudaAttentionFlash(cuda, true)) : Optional.empty();
    this.strips = cuda.kernel("attention", "attention_strips");
  }

  @Override
  public void attention(AttentionCall call, Inputs in, Results to) {
    if (rows(call) == 0 || call.queries() == 0) {
      return;
    }
    if (call.keys() == 0) {
      throw new IllegalArgumentException("attention needs at least one key");
    }
    rung(call, in, to.out()).forward(call, in, to);
  }

  @Override
  public void attentionBackward(
      AttentionCall call, Inputs in, Results results, long dOut, Gradients gradients) {
    long tokens = rows(call) * call.queries();
    var delta = new Room(cuda, 4 * tokens * call.heads());
    var saved = new Saved(dOut, results.logSumExp(), delta.address);
    try {
      if (tokens > 0 && call.heads() > 0) {
        rung(call, in, results.out(), dOut).delta(call, tokens, results.out(), saved);
      }
      keys(call, in, saved, gradients);
      queries(call, in, saved, gradients);
    } finally {
      delta.release();
    }
  }

  private void keys(AttentionCall call, Inputs in, Saved saved, Gradients gradients) {
    if (call.keyElements() > 0 && (gradients.k().wanted() || gradients.v().wanted())) {
      long k = gradients.k().address();
      rung(call, in, saved.dOut(), k, gradients.v().address())
          .keys(call, in, saved, gradients.k(), gradients.v());
    }
  }

  private void queries(AttentionCall call, Inputs in, Saved saved, Gradients gradients) {
    Gradient bias = gradients.bias();
    AttentionRung rung = rung(call, in, saved.dOut(), gradients.q().address());
    boolean some = rows(call) * call.queries() > 0 && call.heads() > 0;
    if (!bias.wanted() || !call.bias().relative()) {
      if (some && gradients.q().wanted()) {
        rung.queries(call, in, saved, gradients.q(), Strips.NONE);
      }
      if (bias.wanted() && call.biasElements() > 0) {
        plainly.bias(call, in, saved, bias);
      }
      return;
    }
    int reach = Math.min(call.bias().reach(), farthest(call));
    rung = CudaAttentionFlash.sums(reach) ? rung : plainly;
    long count = some ? rung.strips(call) : 0;
    var room = new Room(cuda, 4 * count * call.heads() * (2L * reach + 1));
    try {
      if (some) {
        rung.queries(call, in, saved, gradients.q(), new Strips(room.address, reach));
      }
      sum(call, room.address, count, reach, bias);
    } finally {
      room.release();
    }
  }

  private void sum(AttentionCall call, long from, long count, int reach, Gradient bias) {
    int length = 2 * call.bias().reach() + 1;
    if (call.heads() == 0) {
      return;
    }
    long stored = (bias.add() ? 8L : 4L) * call.heads() * length;
    strips
        .launch()
        .grid((length + 31) / 32, call.heads(), 1)
        .threads(256)
        .shared(1024)
        .address(from)
        .i64(count)
        .i32(reach)
        .address(bias.address())
        .i32(call.bias().reach())
        .i32(bias.add() ? 1 : 0)
        .moves(4 * count * call.heads() * (2L * reach + 1) + stored)
        .run();
  }

  private AttentionRung rung(AttentionCall call, Inputs in, long... others) {
    if (!CudaAttentionFlash.takes(call, in, others)) {
      return plainly;
    }
    return CudaAttentionFlash.copies(call) ? hopper.orElse(flash) : flash;
  }

  /// The farthest that a query and a key of a call lie apart.
  private static int farthest(AttentionCall call) {
    int offset = Math.abs(call.masks().queryOffset());
    return Math.max(call.queries(), call.keys()) + offset;
  }

  /// Rows of the batch, where all are as long; 1 where they have starts.
  static long rows(AttentionCall call) {
    return call.masks().kind() == Kind.STARTS ? Math.min(1, call.batch()) : call.batch();
  }

  /// Memory of the pool, released in the order of the device's work.
  private static final class Room {
    private final Cuda cuda;
    private final long bytes;
    private final long address;

    Room(Cuda cuda, long bytes) {
      this.cuda = cuda;
      this.bytes = bytes;
      this.address = bytes == 0 ? 0 : cuda.memory().allocate(bytes);
    }

    void release() {
      if (bytes > 0) {
        cuda.memory().release(address, bytes);
      }
    }
  }
}
