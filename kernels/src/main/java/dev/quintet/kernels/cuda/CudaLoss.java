package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.LossCall;
import dev.quintet.core.backend.LossKernels;
import dev.quintet.core.backend.RunState;
import dev.quintet.core.shape.DType;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.Kernel;
import dev.quintet.kernels.driver.Launch;

/// Cross entropy on the device: the kernels of `loss.cu`.
///
/// What a launch says that it moves is for labels that count: rows whose label is ignored are not read.
final class CudaLoss implements LossKernels {
  private static final String FAMILY = "loss";
  private static final int MOST_THREADS = 512;

  /// Shared memory in which a block's warps meet.
  private static final int MEETING = 128;

  /// The most shared memory of a block: half of what an A100 has.
  private static final int MOST_SHARED = 80 << 10;

  private final Cuda cuda;
  private final Backend backend;
  private final boolean plain;
  private final Typed floats;
  private final Typed narrow;
  private final Kernel total;
  private final Kernel scaled;

  /// The kernels for one type of logits.
  private record Typed(
      Kernel plain,
      Kernel plainBackward,
      Kernel rows,
      Kernel backward,
      Kernel inPlace,
      Kernel scale) {
    static Typed of(Cuda cuda, String type) {
      return new Typed(
          cuda.kernel(FAMILY, "loss_plain_" + type),
          cuda.kernel(FAMILY, "loss_plain_backward_" + type),
          cuda.kernel(FAMILY, "loss_rows_" + type),
          cuda.kernel(FAMILY, "loss_backward_" + type),
          cuda.kernel(FAMILY, "loss_in_place_" + type),
          cuda.kernel(FAMILY, "loss_scale_" + type));
    }
  }

  CudaLoss(Cuda cuda, Backend backend) {
    this(cuda, backend, false);
  }

  /// @param plain whether the plain kernels run
  CudaLoss(Cuda cuda, Backend backend, boolean plain) {
    this.cuda = cuda;
    this.backend = backend;
    this.plain = plain;
    this.floats = Typed.of(cuda, "f32");
    this.narrow = Typed.of(cuda, "bf16");
    this.total = cuda.kernel(FAMILY, "loss_total");
    this.scaled = cuda.kernel(FAMILY, "loss_scaled");
  }

  @Override
  public Backend backend() {
    return backend;
  }

  @Override
  public void crossEntropy(LossCall call, long logits, long labels, long losses, long logSumExp) {
    if (call.rows() == 0) {
      return;
    }
    Typed typed = of(call.types().out());
    int bytes = call.types().out().bytes();
    Launch launch = plain ? warps(typed.plain, call) : blocks(typed.rows, call, 0);
    launch.address(logits).address(labels).address(losses).address(logSumExp).address(cuda.fault());
    if (plain) {
      rules(launch.i64(call.rows()), call)
          .moves(2 * bytes * call.logits() + (bytes + 12) * call.rows());
    } else {
      rules(launch, call)
          .i32(wide(call, logits))
          .moves(bytes * call.logits() + (bytes + 8 + 4 * warps(call)) * call.rows());
    }
    launch.run();
  }

  @Override
  public void crossEntropyBackward(
      LossCall call, long logits, long labels, long logSumExp, long dLoss, Gradient dLogits) {
    if (call.logits() == 0 || !dLogits.wanted()) {
      return;
    }
    Typed typed = of(call.types().out());
    int bytes = call.types().out().bytes();
    Launch launch = plain ? warps(typed.plainBackward, call) : blocks(typed.backward, call, 0);
    launch
        .address(logits)
        .address(labels)
        .address(logSumExp)
        .address(dLogits.address())
        .f32(call.scale())
        .address(scale(call))
        .address(dLoss);
    long moved = (dLogits.add() ? 3L : 2L) * bytes * call.logits();
    int factors = (call.state() == 0 ? 0 : 4) + (dLoss == 0 ? 0 : 4);
    if (plain) {
      rules(launch.i64(call.rows()), call)
          .moves(moved + 8 * call.rows() + 8L * grid(call) * factors);
    } else {
      rules(launch, call)
          .i32(wide(call, logits | dLogits.address()))
          .moves(moved + (8L + factors) * warps(call) * call.rows());
    }
    launch.i32(dLogits.add() ? 1 : 0).run();
  }

  @Override
  public void crossEntropyInPlace(
      LossCall call, long logits, long labels, long losses, long logSumExp) {
    if (plain) {
      LossKernels.super.crossEntropyInPlace(call, logits, labels, losses, logSumExp);
      return;
    }
    if (call.rows() == 0) {
      return;
    }
    int bytes = call.types().out().bytes();
    long row = 8L * bytes * chunks(call);
    // two blocks of a processor hold their rows, or none does
    boolean hold = MEETING + row <= Math.min(MOST_SHARED, cuda.chip().sharedBytes() / 2 - 1024);
    Launch launch =
        blocks(of(call.types().out()).inPlace, call, hold ? (int) row : 0)
            .address(logits)
            .address(labels)
            .address(losses)
            .address(logSumExp)
            .address(cuda.fault())
            .f32(call.scale())
            .address(scale(call));
    rules(launch, call)
        .i32(wide(call, logits))
        .i32(hold ? 1 : 0)
        .moves(
            (hold ? 2L : 3L) * bytes * call.logits()
                + (bytes + 8 + (call.state() == 0 ? 4L : 8L) * warps(call)) * call.rows())
        .run();
  }

  @Override
  public void total(LossCall call, long losses, long loss) {
    total
        .launch()
        .threads(1024)
        .shared(256)
        .address(losses)
        .address(loss)
        .i64(call.rows())
        .f32(call.scale())
        .address(scale(call))
        .moves(4 * call.rows() + (call.state() == 0 ? 4 : 8))
        .run();
  }

  @Override
  public void scaled(LossCall call, long x) {
    scaled
        .launch()
        .threads(32)
        .address(x)
        .f32(call.scale())
        .address(scale(call))
        .moves(call.state() == 0 ? 8 : 12)
        .run();
  }

  @Override
  public void scale(long factor, DType type, long x, long count) {
    if (count == 0) {
      return;
    }
    int blocks = (int) Math.min((count + 2047) / 2048, 8L * cuda.chip().processors()); // 8 a thread
    of(type)
        .scale
        .launch()
        .grid(blocks)
        .threads(256)
        .address(factor)
        .address(x)
        .i64(count)
        .i32((x & 15) == 0 && !plain ? 1 : 0)
        .moves(2 * type.bytes(count) + 32L * blocks)
        .run();
  }

  private Typed of(DType type) {
    return type == DType.BF16 ? narrow : floats;
  }

  private Launch warps(Kernel kernel, LossCall call) {
    return kernel.launch().grid(grid(call)).threads(256);
  }

  private Launch blocks(Kernel kernel, LossCall call, int shared) {
    return kernel.launch().grid(call.rows()).threads(32 * warps(call)).shared(MEETING + shared);
  }

  private static Launch rules(Launch launch, LossCall call) {
    return launch.i32(call.width()).i32(call.ignore()).f32(call.smoothing()).f32(call.zLoss());
  }

  /// Blocks of the plain kernels.
  private int grid(LossCall call) {
    return (int) Math.min((call.rows() + 7) / 8, 8L * cuda.chip().processors());
  }

  /// Eights of a row.
  private static int chunks(LossCall call) {
    return (call.width() + 7) / 8;
  }

  /// Warps of a block, by the row alone: sums must be the same whatever the type and the address.
  private static int warps(LossCall call) {
    return Math.clamp((chunks(call) + 127) / 128, 1, MOST_THREADS / 32);
  }

  private static int wide(LossCall call, long addresses) {
    return call.width() % 8 == 0 && (addresses & 15) == 0 ? 1 : 0;
  }

  /// Where the scale of losses stands, or 0 for the call's.
  private static long scale(LossCall call) {
    return call.state() == 0 ? 0 : call.state() + RunState.LOSS_SCALE;
  }
}
