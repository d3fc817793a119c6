package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.Memory;
import dev.quintet.core.backend.OptimizerKernels;
import dev.quintet.core.backend.RunState;
import dev.quintet.core.backend.Spans;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.Kernel;

/// Launches `optimizer.cu`. Nothing is read back: what a step depends on is in the run's state.
final class CudaOptimizer implements OptimizerKernels {
  static final int THREADS = 256;
  static final int WARPS = THREADS / 32;

  private final Cuda cuda;
  private final Kernel addLoss;
  private final Kernel squares;
  private final Kernel total;
  private final Kernel clip;
  private final Kernel adamW;
  private final CudaAdafactor adafactor;

  CudaOptimizer(Cuda cuda) {
    this.cuda = cuda;
    addLoss = cuda.kernel("optimizer", "optimizer_add_loss");
    squares = cuda.kernel("optimizer", "optimizer_squares");
    total = cuda.kernel("optimizer", "optimizer_total");
    clip = cuda.kernel("optimizer", "optimizer_clip");
    adamW = cuda.kernel("optimizer", "optimizer_adamw");
    adafactor = new CudaAdafactor(cuda);
  }

  @Override
  public void addLoss(long loss, boolean add, RunState state) {
    addLoss
        .launch()
        .grid(1)
        .threads(32)
        .address(loss)
        .i32(add ? 1 : 0)
        .address(state.address())
        .moves(add ? 20 : 12)
        .run();
  }

  @Override
  public void sumOfSquares(Spans spans, RunState state) {
    SpanCuts cuts = SpanCuts.of(spans);
    Memory memory = cuda.memory();
    long bytes = 8 * cuts.chunks();
    long parts = memory.allocate(bytes);
    if (cuts.chunks() > 0) {
      squares
          .launch()
          .grid(cuts.chunks())
          .threads(THREADS)
          .shared(SpanCuts.ROW_BYTES + 8 * WARPS)
          .address(spans.table())
          .i32(cuts.rows())
          .i64(cuts.elements())
          .address(parts)
          .moves(4 * cuts.elements() + cuts.walkBytes() + bytes)
          .run();
    }
    total
        .launch()
        .grid(1)
        .threads(THREADS)
        .shared(8 * WARPS)
        .address(parts)
        .i64(cuts.chunks())
        .address(state.address())
        .moves(bytes + 8)
        .run();
    memory.release(parts, bytes);
  }

  @Override
  public void clip(float maximum, RunState state) {
    clip.launch().grid(1).threads(32).f32(maximum).address(state.address()).moves(36).run();
  }

  @Override
  public void adamW(AdamW constants, RunState state, Spans spans) {
    SpanCuts cuts = SpanCuts.of(spans);
    if (cuts.chunks() == 0) {
      return;
    }
    adamW
        .launch()
        .grid(cuts.chunks())
        .threads(THREADS)
        .shared(SpanCuts.ROW_BYTES)
        .address(spans.table())
        .i32(cuts.rows())
        .i64(cuts.elements())
        .address(state.address())
        .f32(constants.beta1())
        .f32(constants.beta2())
        .f32(constants.epsilon())
        .moves(
            cuts.whole().bytes(28)
                + cuts.factored().bytes(28)
                + cuts.walkBytes()
                + 4L * THREADS * cuts.chunks()
                + 16 * cuts.visits())
        .run();
  }

  @Override
  public void adafactor(Adafactor constants, RunState state, Spans spans) {
    adafactor.update(constants, state, spans);
  }
}
